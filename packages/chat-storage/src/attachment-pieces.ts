/** Content that is to be stored, whole or piece by piece. */
export type AttachmentContent = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Content in pieces of exactly `bytes`, but for the last; each is the receiver's until the next one. */
export async function* pieces(
  content: AttachmentContent,
  bytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const piece = new Uint8Array(bytes)
  let filled = 0
  for await (const given of content instanceof Uint8Array ? [content] : content) {
    if (!(given instanceof Uint8Array)) throw new TypeError('an attachment is made of Uint8Arrays')
    for (let at = 0; at < given.byteLength; ) {
      const taken = given.subarray(at, at + bytes - filled)
      piece.set(taken, filled)
      filled += taken.byteLength
      at += taken.byteLength
      if (filled < bytes) continue
      yield piece
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
