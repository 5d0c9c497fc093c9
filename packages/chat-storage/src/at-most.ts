/** The first `count` of a sequence, which is ended then. */
export async function* atMost<T>(
  sequence: AsyncIterable<T>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  let left = count
  if (left === 0) return
  for await (const one of sequence) {
    yield one
    if (--left === 0) return
  }
}
