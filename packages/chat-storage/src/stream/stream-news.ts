/** How often to look whether something arrived of which there is no change to be read. */
const LOOK_MS = 1000

/**
 * Gives something whenever `revision` gives something else than before, at the latest a second after it does.
 * It looks when there is a change, and now and then: what an author dropped before it came here is passed over
 * by the changes, and shows all the same. Ends as `changes` does.
 */
export async function* streamNews(
  revision: () => unknown,
  changes: AsyncIterator<unknown>,
  before: unknown,
): AsyncGenerator<void, void, undefined> {
  let known = before
  let wake: () => void = () => undefined
  let failure: { readonly reason: unknown } | undefined
  // It goes on while whoever asks does something else: asking for changes is what moves a replica on.
  const follow = async () => {
    for (;;) {
      await changes.next()
      wake()
    }
  }
  follow().catch((reason: unknown) => {
    failure = { reason }
    wake()
  })
  for (;;) {
    if (failure !== undefined) throw failure.reason
    if (known !== revision()) {
      known = revision()
      yield
      continue
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
