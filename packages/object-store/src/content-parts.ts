import type { WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import { PART_BYTES } from './large-blob.ts'
import type { BlobId } from './named-hash.ts'

/** What a blob can be made of: bytes, text as UTF-8, or a stream of bytes. */
export type BlobContent = Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Options of putting a blob. */
export interface PutOptions extends WaitOptions {
  /** What the content must hash to; anything else is `BLOB_MISMATCHED`, and nothing is stored. */
  readonly expected?: BlobId | undefined
  /** Whether it is stored again where it is there, and may be damaged; default false. */
  readonly replaces?: boolean | undefined
}

/**
 * Cuts content into parts of {@link PART_BYTES}, the last one shorter, and at least one. The parts are copies:
 * the caller may change its bytes as soon as it has called.
 */
export function contentParts(content: BlobContent): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof content === 'string') return cut([b4a.from(content)])
  if (content instanceof Uint8Array) return cut([new Uint8Array(content)])
  if (isIterable(content)) return cut(content)
  throw new TypeError('a blob is made of bytes, a string, or an iterable of bytes')
}

async function* cut(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let gathered: Uint8Array[] = []
  let bytes = 0
  let isFirst = true
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of a blob gives Uint8Arrays')
    for (let at = 0; at < piece.byteLength; ) {
      const some = piece.subarray(at, at + PART_BYTES - bytes)
      gathered.push(new Uint8Array(some))
      bytes += some.byteLength
      at += some.byteLength
      if (bytes < PART_BYTES) continue
      yield joined(gathered)
      isFirst = false
      gathered = []
      bytes = 0
    }
  }
  if (bytes > 0 || isFirst) yield joined(gathered)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  return pieces.length === 1 && only !== undefined ? only : b4a.concat(pieces as Uint8Array[])
}

function isIterable(value: unknown): value is AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}
