/** How many items at most; all of them by default. Throws a TypeError for what is no such number. */
export function limitOf(limit: number = Number.POSITIVE_INFINITY): number {
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 0)) {
    throw new TypeError('limit is a non-negative integer, or absent')
  }
  return limit
}
