import b4a from 'b4a'
import { notFloat, redisError } from './redis-error.ts'

/** A decimal number: `digits` × 10^−`scale`. */
interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const TEXT = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/
// Decimals that Redis writes, and a bound on what an exponent may ask for.
const DECIMALS_MAX = 17
const EXPONENT_MAX = 4932

const notFinite = () => redisError('ERR increment would produce NaN or Infinity')

/**
 * `a` + `b` as INCRBYFLOAT writes it: exact, up to 17 decimals, no exponent, no trailing zeros. Redis
 * counts in long doubles; decimals give the same text without the noise of binary fractions.
 */
export function addDecimals(a: Uint8Array, b: Uint8Array, error = notFloat): string {
  const first = decimalOf(a, error)
  const second = decimalOf(b, notFloat)
  const scale = Math.max(first.scale, second.scale)
  const sum = scaled(first, scale) + scaled(second, scale)
  return textOf({ digits: sum, scale })
}

function decimalOf(bytes: Uint8Array, error: () => Error): Decimal {
  const text = b4a.toString(bytes, 'latin1')
  if (/^[+-]?inf/i.test(text)) throw notFinite()
  const parts = TEXT.exec(text)
  if (parts === null) throw error()
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  if (whole === '' && fraction === '') throw error()
  const shift = Number(exponent)
  if (Math.abs(shift) > EXPONENT_MAX || whole.length + fraction.length > EXPONENT_MAX) {
    throw error()
  }
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - shift
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}

function textOf(value: Decimal): string {
  const { digits, scale } = rounded(value)
  const negative = digits < 0n
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  const fraction = text.slice(text.length - scale).replace(/0+$/, '')
  const unsigned = fraction === '' || scale === 0 ? whole : `${whole}.${fraction}`
  return negative && unsigned !== '0' ? `-${unsigned}` : unsigned
}

function rounded({ digits, scale }: Decimal): Decimal {
  if (scale <= DECIMALS_MAX) return { digits, scale }
  const unit = 10n ** BigInt(scale - DECIMALS_MAX)
  const whole = digits / unit
  const rest = 2n * (digits % unit)
  const size = rest < 0n ? -rest : rest
  // Half goes to the even digit: what is added and taken away again leaves nothing.
  const goesOn = size > unit || (size === unit && whole % 2n !== 0n)
  return { digits: goesOn ? whole + (digits < 0n ? -1n : 1n) : whole, scale: DECIMALS_MAX }
}
