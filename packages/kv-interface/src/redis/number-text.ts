import b4a from 'b4a'
import { notFloat, notInteger } from './redis-error.ts'

export const INT64_MAX = 9_223_372_036_854_775_807n
export const INT64_MIN = -9_223_372_036_854_775_808n

const MINUS = 45
const ZERO = 48
// Digits that fit a double exactly whatever they are.
const SAFE_DIGITS = 15

/** The integer that the bytes are the canonical text of (`10`, not `010`, `+10` or ` 10`), or undefined. */
export function integerOf(bytes: Uint8Array): number | undefined {
  const negative = bytes[0] === MINUS
  const first = negative ? 1 : 0
  const length = bytes.length
  if (length === first || length - first > SAFE_DIGITS) return undefined
  if (bytes[first] === ZERO) return length === 1 ? 0 : undefined
  let value = 0
  for (let i = first; i < length; i++) {
    const digit = (bytes[i] as number) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return negative ? -value : value
}

/** As {@link integerOf}, over all of the 64-bit range. */
export function int64Of(bytes: Uint8Array): bigint | undefined {
  const small = integerOf(bytes)
  if (small !== undefined) return BigInt(small)
  if (bytes.length > 20 || bytes.length < SAFE_DIGITS) return undefined
  const text = b4a.toString(bytes, 'latin1')
  if (!/^-?[1-9][0-9]*$/.test(text)) return undefined
  const value = BigInt(text)
  return value > INT64_MAX || value < INT64_MIN ? undefined : value
}

/** An integer argument; beyond 2^53 the nearest double. Throws Redis' error for anything else. */
export function integerArgument(bytes: Uint8Array | undefined, error = notInteger): number {
  if (bytes === undefined) throw error()
  const small = integerOf(bytes)
  if (small !== undefined) return small
  const large = int64Of(bytes)
  if (large === undefined) throw error()
  return Number(large)
}

/** An integer argument of the 64-bit range, exact. */
export function int64Argument(bytes: Uint8Array | undefined, error = notInteger): bigint {
  const value = bytes === undefined ? undefined : int64Of(bytes)
  if (value === undefined) throw error()
  return value
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i

/** The number that a text means: decimal, with an exponent, or infinite. Undefined for anything else. */
export function floatOf(text: string): number | undefined {
  if (FLOAT.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite === null) return undefined
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** A floating-point argument. Throws Redis' error for what is none. */
export function floatArgument(bytes: Uint8Array | undefined, error = notFloat): number {
  const value = bytes === undefined ? undefined : floatOf(b4a.toString(bytes, 'latin1'))
  if (value === undefined) throw error()
  return value
}

/** A score as Redis writes it: the shortest text that means the same number. */
export function floatText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Object.is(value, -0)) return '-0'
  return String(value)
}
