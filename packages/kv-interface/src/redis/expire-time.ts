import { INT64_MAX, INT64_MIN, int64Argument } from './number-text.ts'
import { redisError } from './redis-error.ts'

/** The latest moment that an entry can hold, in the year 10889: what is later is brought down to it. */
export const EXPIRE_AT_MAX = 2 ** 48 - 1

/** Words that say when a key expires, with the unit and whether it counts from now. */
const units: Readonly<Record<string, { readonly unitMs: bigint; readonly fromNow: boolean }>> = {
  EX: { unitMs: 1000n, fromNow: true },
  PX: { unitMs: 1n, fromNow: true },
  EXAT: { unitMs: 1000n, fromNow: false },
  PXAT: { unitMs: 1n, fromNow: false },
}

/** What a time argument means. */
export interface ExpireTimeOptions {
  /** `EX`, `PX`, `EXAT` or `PXAT`. */
  readonly unit: string
  readonly now: number
  /** Name of the command, for the error. */
  readonly name: string
  /** Whether 0 and less are refused. */
  readonly mustBePositive: boolean
}

/**
 * The moment that a time argument means, in milliseconds since 1970. Throws Redis' error where it is out of
 * range.
 */
export function expireTime(bytes: Uint8Array | undefined, options: ExpireTimeOptions): number {
  const { unit, now, name, mustBePositive } = options
  const { unitMs, fromNow } = units[unit] as (typeof units)[string] & object
  const value = int64Argument(bytes)
  const at = value * unitMs + (fromNow ? BigInt(now) : 0n)
  const isRefused = mustBePositive && value <= 0n
  if (isRefused || value * unitMs > INT64_MAX || value * unitMs < INT64_MIN || at > INT64_MAX) {
    throw redisError(`ERR invalid expire time in '${name}' command`)
  }
  return at > BigInt(EXPIRE_AT_MAX) ? EXPIRE_AT_MAX : Number(at)
}

/** Whether a word is one of those. */
export function isExpireUnit(word: string): boolean {
  return word in units
}
