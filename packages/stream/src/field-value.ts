import { createHash } from 'node:crypto'
import b4a from 'b4a'

/*
 * A value of an indexed field, in bytes whose order is the order of the values:
 *
 *   offset  size  field
 *   0       1     1 boolean, 2 number, 3 bigint, 4 text, 5 bytes
 *   boolean:
 *   1       1     0 false, 1 true
 *   number (integer, number, time):
 *   1       8     64-bit float, big endian; the sign bit inverted, all bits where it was set.
 *                 -0 is 0; NaN comes last
 *   bigint:
 *   1       33    the bigint plus 2^256, big endian
 *   text (UTF-8), bytes:
 *   1       …     the first 256 bytes, each 0x00 as 0x00 0xff
 *   …       2     0x00 0x00 the end, or 0x00 0x01 there is more: then
 *   …       32    SHA-256 of all bytes
 */
const BOOLEAN = 1
const NUMBER = 2
const BIGINT = 3
const TEXT = 4
const BYTES = 5
const BIGINT_BYTES = 33
const BIGINT_BIAS = 1n << 256n
/** Bytes of a text, or of bytes, that the order goes by; what follows only tells values apart. */
export const ORDERED_BYTES_MAX = 256
const END = 0
const MORE = 1
const ESCAPE = 0xff

/** What a value of an indexed field may be. */
export type FieldValue = string | number | bigint | boolean | Uint8Array | Date

/** The bytes of a value, as drawn above; undefined for what no indexed field holds. */
export function encodeFieldValue(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return sequence(TEXT, b4a.from(value))
  if (typeof value === 'number') return number(value)
  if (typeof value === 'boolean') return new Uint8Array([BOOLEAN, value ? 1 : 0])
  if (typeof value === 'bigint') return bigint(value)
  if (value instanceof Uint8Array) return sequence(BYTES, value)
  if (value instanceof Date) return number(value.getTime())
  return undefined
}

/** The bytes that the encodings of all texts with this beginning have in common. */
export function encodeTextPrefix(prefix: string): Uint8Array {
  const bytes = b4a.from(prefix)
  assertOrdered(bytes)
  return b4a.concat([new Uint8Array([TEXT]), escaped(bytes)])
}

/** Throws a TypeError unless the order of values can be told by all of `bytes`. */
export function assertOrdered(bytes: Uint8Array): void {
  if (bytes.byteLength <= ORDERED_BYTES_MAX) return
  throw new TypeError(`texts and bytes are ordered by their first ${ORDERED_BYTES_MAX} bytes`)
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(9)
  bytes[0] = NUMBER
  const view = new DataView(bytes.buffer)
  view.setFloat64(1, value === 0 ? 0 : value)
  const isNegative = (bytes[1] as number) >= 0x80 && !Number.isNaN(value)
  if (Number.isNaN(value)) bytes.fill(0xff, 1)
  else if (isNegative) for (let i = 1; i < 9; i++) bytes[i] = ~(bytes[i] as number)
  else bytes[1] = (bytes[1] as number) | 0x80
  return bytes
}

function bigint(value: bigint): Uint8Array | undefined {
  const biased = value + BIGINT_BIAS
  if (biased < 0n || biased >= BIGINT_BIAS * 2n) return undefined
  const bytes = b4a.from(biased.toString(16).padStart(2 * BIGINT_BYTES, '0'), 'hex')
  return b4a.concat([new Uint8Array([BIGINT]), bytes])
}

function sequence(tag: number, bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array([tag])
  if (bytes.byteLength <= ORDERED_BYTES_MAX) {
    return b4a.concat([head, escaped(bytes), new Uint8Array([0, END])])
  }
  const beginning = escaped(bytes.subarray(0, ORDERED_BYTES_MAX))
  const hash = createHash('sha256').update(bytes).digest()
  return b4a.concat([head, beginning, new Uint8Array([0, MORE]), hash])
}

function escaped(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(0)) return bytes
  const out: number[] = []
  for (const byte of bytes) {
    if (byte === 0) out.push(0, ESCAPE)
    else out.push(byte)
  }
  return new Uint8Array(out)
}
