/*
 * A whole number in a key, so that keys sort as the numbers do.
 *
 *   offset  size  field
 *   0       1     n: how many bytes follow, 0 to 7
 *   1       n     the number, big-endian, without leading zeros
 */

const BYTE = 256

/** How many bytes {@link writeOrderedUint} takes. */
export function orderedUintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0; rest = Math.floor(rest / BYTE)) bytes++
  return bytes
}

/** Writes `value` at `offset`; gives the offset behind it. */
export function writeOrderedUint(target: Uint8Array, offset: number, value: number): number {
  const end = offset + orderedUintBytes(value)
  target[offset] = end - offset - 1
  for (let at = end - 1, rest = value; at > offset; at--, rest = Math.floor(rest / BYTE)) {
    target[at] = rest % BYTE
  }
  return end
}

/** Reads the number at `offset`, and the offset behind it; undefined where there is none. */
export function readOrderedUint(
  source: Uint8Array,
  offset: number,
): { readonly value: number; readonly end: number } | undefined {
  const bytes = source[offset]
  if (bytes === undefined || bytes > 7 || offset + 1 + bytes > source.byteLength) return undefined
  let value = 0
  for (let at = offset + 1; at <= offset + bytes; at++)
    value = value * BYTE + (source[at] as number)
  return { value, end: offset + 1 + bytes }
}
