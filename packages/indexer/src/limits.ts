import { indexError } from './index-errors.ts'

/** Longest key, in bytes: 4096 of a caller and one for the name space that a stream puts before it. */
export const KEY_BYTES_MAX = 4097

/** Longest value, in bytes. Larger ones belong into the data log, with a pointer here. */
export const VALUE_BYTES_MAX = 65_536

/** Refuses a key over {@link KEY_BYTES_MAX} (`INDEX_KEY_TOO_LARGE`) or of another type (`TypeError`). */
export function checkKey(key: Uint8Array): void {
  if (!(key instanceof Uint8Array)) throw new TypeError('a key of the index is a Uint8Array')
  if (key.length <= KEY_BYTES_MAX) return
  throw indexError(
    'INDEX_KEY_TOO_LARGE',
    `a key has ${key.length} bytes, and the limit is ${KEY_BYTES_MAX}; use a shorter key, a hash of it for instance`,
    { details: { bytes: key.length, bytesMax: KEY_BYTES_MAX } },
  )
}

/** Refuses a value over {@link VALUE_BYTES_MAX} (`INDEX_VALUE_TOO_LARGE`) or of another type. */
export function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError('a value of the index is a Uint8Array')
  if (value.length <= VALUE_BYTES_MAX) return
  throw indexError(
    'INDEX_VALUE_TOO_LARGE',
    `a value has ${value.length} bytes, and the limit is ${VALUE_BYTES_MAX}; store it in the data log and a pointer here`,
    { details: { bytes: value.length, bytesMax: VALUE_BYTES_MAX } },
  )
}
