/**
 * The order of the map: keys compare byte by byte, and a key sorts before every key it begins.
 *
 * Written as loops because keys are short: a native comparison costs more to call than to do.
 */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const end = a.length < b.length ? a.length : b.length
  for (let i = 0; i < end; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** {@link compareKeys} of two windows, `…End` not included. */
export function compareWindows(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = aEnd - aStart < bEnd - bStart ? aEnd - aStart : bEnd - bStart
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number)
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** How many bytes two windows have in common at their beginning. */
export function sharedPrefix(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = aEnd - aStart < bEnd - bStart ? aEnd - aStart : bEnd - bStart
  let i = 0
  while (i < length && a[aStart + i] === b[bStart + i]) i++
  return i
}

/** The smallest key above `key`: turns an exclusive lower or an inclusive upper bound around. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1)
  after.set(key)
  return after
}
