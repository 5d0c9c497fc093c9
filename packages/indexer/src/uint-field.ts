/*
 * The unsigned integers of compact-encoding (`c.uint`: one byte up to 0xfc, else 0xfd, 0xfe or 0xff and
 * 2, 4 or 8 bytes, little endian), read and written at an offset. Leaves hold three or four of them an
 * entry, and the state object of the codec costs more there than the work itself. A test holds both to
 * the same bytes.
 */

/** Values that fit the first byte. */
export const UINT_BYTE_MAX = 0xfc

/** Bytes that `value` takes. */
export function uintBytes(value: number): number {
  return value <= UINT_BYTE_MAX ? 1 : value <= 0xffff ? 3 : value <= 0xffffffff ? 5 : 9
}

/** Writes `value` (up to 2^32 − 1) at `offset` and returns the offset behind it. */
export function writeUint(buffer: Uint8Array, offset: number, value: number): number {
  if (value <= UINT_BYTE_MAX) {
    buffer[offset] = value
    return offset + 1
  }
  if (value <= 0xffff) {
    buffer[offset] = 0xfd
    buffer[offset + 1] = value
    buffer[offset + 2] = value >>> 8
    return offset + 3
  }
  buffer[offset] = 0xfe
  buffer[offset + 1] = value
  buffer[offset + 2] = value >>> 8
  buffer[offset + 3] = value >>> 16
  buffer[offset + 4] = value >>> 24
  return offset + 5
}

/** Bytes of the uint that begins with the byte `first`. */
export function uintBytesFrom(first: number): number {
  return first <= UINT_BYTE_MAX ? 1 : first === 0xfd ? 3 : first === 0xfe ? 5 : 9
}

/**
 * The uint at `offset`. Bytes beyond the end read as zero and an 8-byte value as infinity, so that a
 * decoder that checks the result against what is left refuses both.
 */
export function readUint(buffer: Uint8Array, offset: number): number {
  const first = buffer[offset] as number
  if (first <= UINT_BYTE_MAX) return first
  const low = (buffer[offset + 1] as number) | ((buffer[offset + 2] as number) << 8)
  if (first === 0xfd) return low
  if (first === 0xfe) {
    return (
      (low | ((buffer[offset + 3] as number) << 16) | ((buffer[offset + 4] as number) << 24)) >>> 0
    )
  }
  return Number.POSITIVE_INFINITY
}
