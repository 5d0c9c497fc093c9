/** Work that is under way: a promise of its result, and whoever iterates it sees how far it is. */
export interface Progressing<T, P> extends Promise<T>, AsyncIterable<P> {}

/**
 * Starts work that reports. Each iteration gives the newest report, none twice, and ends with the work: with
 * its error, when it fails. A slow consumer misses reports in between, and keeps nothing waiting.
 */
export function progressing<T, P>(
  work: (report: (progress: P) => void) => Promise<T>,
): Progressing<T, P> {
  const waiting = new Set<() => void>()
  let newest: { readonly progress: P } | undefined
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  const result = work((progress) => {
    newest = { progress }
    wakeAll()
  })
  let isOver = false
  const over = result.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  const ended = over.then((failure) => {
    isOver = true
    wakeAll()
    return failure
  })
  async function* reports(): AsyncGenerator<P, void, undefined> {
    let seen: object | undefined
    while (!isOver || newest !== seen) {
      if (newest !== undefined && newest !== seen) {
        seen = newest
        yield newest.progress
        continue
      }
      let wake = () => {}
      await new Promise<void>((resolve) => {
        wake = resolve
        waiting.add(wake)
      })
      waiting.delete(wake)
    }
    const failure = await ended
    if (failure !== undefined) throw failure.error
  }
  return Object.assign(result, {
    [Symbol.asyncIterator]() {
      // Who iterates hears of the failure there.
      result.catch(() => undefined)
      return reports()
    },
  })
}
