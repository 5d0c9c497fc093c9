import { invalidType } from './argument.ts'

/** The bytes of a string or of a view, or undefined for what comes in pieces. */
export function bytesOf(
  data: unknown,
  encoding: BufferEncoding | 'buffer',
): Uint8Array | undefined {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding)
  if (data instanceof Uint8Array) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return undefined
}

/** As {@link bytesOf}, for what must be there at once. Throws `ERR_INVALID_ARG_TYPE`. */
export function wholeBytesOf(
  data: unknown,
  encoding: BufferEncoding | 'buffer',
  name = 'data',
): Uint8Array {
  const bytes = bytesOf(data, encoding)
  if (bytes !== undefined) return bytes
  const expected = 'of type string or an instance of Buffer, TypedArray, or DataView'
  throw invalidType(name, expected, data)
}

/** Whether data comes in pieces. */
export function isPieces(data: unknown): data is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof data !== 'object' || data === null) return false
  return Symbol.asyncIterator in data || Symbol.iterator in data
}
