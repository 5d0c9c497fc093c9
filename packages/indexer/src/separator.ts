import { copyOf } from './byte-copies.ts'
import { sharedPrefix } from './key-order.ts'

/*
 * Separators stand between neighbouring leaves and groups: with `before` the last key on the left and
 * `first` the first on the right,
 *
 *   before < separator ≤ first
 *
 * and no shorter key lies there, so fences and heads carry as few key bytes as they can.
 */

/** The shortest key above `before` and not above `first`; needs `before < first`. */
export function shortestSeparator(before: Uint8Array, first: Uint8Array): Uint8Array {
  const shared = sharedPrefix(before, 0, before.length, first, 0, first.length)
  if (shared >= first.length) {
    throw new TypeError('a separator lies between two keys, the smaller one given first')
  }
  return copyOf(first.subarray(0, shared + 1))
}
