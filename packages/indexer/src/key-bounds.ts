import { copyOf } from './byte-copies.ts'
import { compareKeys, keyAfter } from './key-order.ts'
import { checkKey } from './limits.ts'

/** A half-open range of keys; an absent bound is no bound. */
export interface KeyBounds {
  /** First key in the range. */
  readonly lower: Uint8Array | undefined
  /** First key behind the range. */
  readonly upper: Uint8Array | undefined
}

/** Bounds of a range as a caller gives them. Of `gte` and `gt`, and of `lte` and `lt`, the tighter counts. */
export interface RangeBounds {
  readonly gte?: Uint8Array | undefined
  readonly gt?: Uint8Array | undefined
  readonly lte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
}

/** Turns a caller's bounds into a half-open range. Bounds of another type are a `TypeError`. */
export function toKeyBounds({ gte, gt, lte, lt }: RangeBounds): KeyBounds {
  const lowers = [inclusive(gte), exclusive(gt)].filter((key) => key !== undefined)
  const uppers = [inclusive(lt), exclusive(lte)].filter((key) => key !== undefined)
  return { lower: lowers.sort(compareKeys).at(-1), upper: uppers.sort(compareKeys)[0] }
}

/** Whether no key can be within the bounds. */
export function isEmpty({ lower, upper }: KeyBounds): boolean {
  return lower !== undefined && upper !== undefined && compareKeys(lower, upper) >= 0
}

// Copies: the caller may go on to use its buffers.
function inclusive(key: Uint8Array | undefined): Uint8Array | undefined {
  if (key === undefined) return undefined
  checkKey(key)
  return copyOf(key)
}

function exclusive(key: Uint8Array | undefined): Uint8Array | undefined {
  if (key === undefined) return undefined
  checkKey(key)
  return keyAfter(key)
}
