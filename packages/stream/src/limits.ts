import { streamError } from './stream-errors.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Longest key, in bytes. Keys are held in memory by the index; empty keys are allowed. */
export const KEY_BYTES_MAX = 4 * KIB
/** Largest value or object body, in bytes: 128 MiB. It is held in memory while it is written. */
export const BODY_BYTES_MAX = 128 * MIB
/** All keys and bodies of one transaction together, in bytes: they go into one append. */
export const TRANSACTION_BYTES_MAX = 256 * MIB
/** Values up to this many bytes lie in the index itself; larger ones are pointed at. */
export const INLINE_BYTES_MAX = KIB
/** A body up to this many bytes lies in its frame; a larger one is cut into chunk blocks. */
export const FRAME_BODY_BYTES_MAX = 64 * KIB
/** A frame is closed before it grows over this many bytes, unless one operation alone does. */
export const FRAME_BYTES_TARGET = 64 * KIB
/** Bytes of each chunk of a large body but its last. */
export const CHUNK_BYTES = 256 * KIB
/** Bounds of what a frame may say that its chunks hold: the log's smallest use and largest block. */
export const CHUNK_BYTES_MIN = KIB
export const CHUNK_BYTES_MAX = 8 * MIB

/** Throws unless `key` may be a key: a Uint8Array of at most {@link KEY_BYTES_MAX} bytes. */
export function assertKey(key: unknown): asserts key is Uint8Array {
  if (!(key instanceof Uint8Array)) throw new TypeError('a key is a Uint8Array')
  if (key.byteLength <= KEY_BYTES_MAX) return
  throw streamError(
    'KEY_TOO_LARGE',
    `a key of ${key.byteLength} bytes is over the limit of ${KEY_BYTES_MAX}; use its hash as the key`,
    { details: { bytes: key.byteLength, limit: KEY_BYTES_MAX } },
  )
}

/** Throws unless `body` may be a value or body: at most {@link BODY_BYTES_MAX} bytes. */
export function assertBody(body: unknown): asserts body is Uint8Array {
  if (!(body instanceof Uint8Array)) throw new TypeError('a value or body is a Uint8Array')
  if (body.byteLength <= BODY_BYTES_MAX) return
  throw streamError(
    'VALUE_TOO_LARGE',
    `a value of ${body.byteLength} bytes is over the limit of ${BODY_BYTES_MAX}; cut it into several`,
    { details: { bytes: body.byteLength, limit: BODY_BYTES_MAX } },
  )
}
