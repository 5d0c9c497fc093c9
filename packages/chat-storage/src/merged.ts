/**
 * Several sorted sequences as one, sorted the same way. What compares as equal comes once, as `combine` makes it
 * of all of them. Breaking off ends the sequences too.
 */
export async function* merged<T>(
  sequences: readonly AsyncIterable<T>[],
  compare: (a: T, b: T) => number,
  combine: (equal: readonly T[]) => T,
): AsyncGenerator<T, void, undefined> {
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]())
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
    for (;;) {
      const values = heads.flatMap((head) => (head.done === true ? [] : [head.value]))
      const [first, ...others] = values
      if (first === undefined) return
      const least = others.reduce((low, one) => (compare(one, low) < 0 ? one : low), first)
      yield combine(values.filter((one) => compare(one, least) === 0))
      for (const [place, head] of heads.entries()) {
        if (head.done === true || compare(head.value, least) !== 0) continue
        heads[place] = await (iterators[place] as AsyncIterator<T>).next()
      }
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.()
  }
}
