import { type Kind, misfit, scalarKind } from '../kind.ts'

const BIGINT_BITS = 256
const BIGINT_BYTES_MAX = Math.ceil(BIGINT_BITS / 7)
const BIGINT_MAX = 2n ** BigInt(BIGINT_BITS - 1) - 1n
const BIGINT_MIN = -BIGINT_MAX - 1n

/** `integer`: a zigzag varint of 1–8 bytes. In JSON: the number. */
export const integerKind: Kind = scalarKind<number>({
  label: 'integer',
  expected: 'an integer between -(2^53 - 1) and 2^53 - 1',
  fits: (value): value is number => Number.isSafeInteger(value),
  settle: (value) => value + 0, // -0 becomes 0
  write(out, value) {
    if (!Number.isSafeInteger(value)) throw misfit
    out.int(value as number)
  },
  read: (from) => from.int(),
})

/** `bigint`: a zigzag varint of 1–37 bytes, the same as an `integer`'s. In JSON: a text of decimal digits. */
export const bigintKind: Kind = scalarKind<bigint>({
  label: 'bigint',
  expected: 'a bigint of at most 256 bits',
  expectedJson: 'a text with an integer of at most 256 bits',
  fits: isBigint,
  write(out, value) {
    if (!isBigint(value)) throw misfit
    out.bigint(value)
  },
  read(from) {
    const { at } = from
    const value = from.bigint(BIGINT_BYTES_MAX)
    if (!isBigint(value)) throw from.damaged('an integer is too large', at)
    return value
  },
  toJson: (value) => value.toString(),
  fromJson(json) {
    if (Number.isSafeInteger(json)) return BigInt(json as number)
    // 78 digits hold 256 bits: nobody makes this read a million of them.
    const isDecimal = typeof json === 'string' && /^-?(0|[1-9]\d{0,77})$/.test(json)
    return isDecimal && json !== '-0' ? BigInt(json) : undefined
  },
})

function isBigint(value: unknown): value is bigint {
  return typeof value === 'bigint' && value <= BIGINT_MAX && value >= BIGINT_MIN
}
