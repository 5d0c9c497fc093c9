import { copyOf } from './byte-copies.ts'
import { compareKeys, sharedPrefix } from './key-order.ts'

/*
 * Separators stand between neighbouring leaves and groups: with `before` the last key on the left and
 * `first` the first on the right,
 *
 *   before < separator ≤ first
 *
 * and no shorter key lies there, so fences and heads carry as few key bytes as they can. A separator begins `first`,
 * always: a key that is deleted leaves nothing of itself between those that stay.
 */

/**
 * The separator before `first`, which follows keys that are not above `last`. The first one of a run is its first key, so
 * that what is below it is known to be absent.
 */
export function separatorOf(last: Uint8Array | undefined, first: Uint8Array): Uint8Array {
  if (last === undefined || compareKeys(last, first) >= 0) return first
  return shortestSeparator(last, first)
}

/** The shortest key above `before` and not above `first`; needs `before < first`. */
export function shortestSeparator(before: Uint8Array, first: Uint8Array): Uint8Array {
  const shared = sharedPrefix(before, 0, before.length, first, 0, first.length)
  if (shared >= first.length) {
    throw new TypeError('a separator lies between two keys, the smaller one given first')
  }
  return copyOf(first.subarray(0, shared + 1))
}
