import { createHash } from 'node:crypto'
import b4a from 'b4a'

/*
 * A key, field or member as part of an index key.
 *
 *   offset  size  field
 *   0       …     its bytes, when it has fewer than 4,000
 *           or    its first 3,968 bytes, then the SHA-256 of all of it: 4,000 bytes
 *
 * The entry's value then holds it whole. Those that begin with the same 3,968 bytes are not in order.
 */
export const LONG_PART_BYTES = 4000
const HASH_BYTES = 32
const KEPT_BYTES = LONG_PART_BYTES - HASH_BYTES

/** Whether a part stands for something longer, which the entry's value holds. */
export function isLongPart(part: Uint8Array): boolean {
  return part.length >= LONG_PART_BYTES
}

/** The part that stands for `bytes`: themselves, unless they are long. */
export function keyPart(bytes: Uint8Array): Uint8Array {
  if (bytes.length < LONG_PART_BYTES) return bytes
  const part = new Uint8Array(LONG_PART_BYTES)
  part.set(bytes.subarray(0, KEPT_BYTES))
  part.set(createHash('sha256').update(bytes).digest(), KEPT_BYTES)
  return part
}

/**
 * 32 bits out of bytes: FNV-1a, then the finaliser of MurmurHash3, so that all bits count. What has no
 * order of its own lies in the order of this hash: so a cursor is a number, and a random place is one too.
 */
export function hash32(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Bytes of the hash before a hashed part. */
export const HASHED_AT = 4

/** The hash of `bytes`, then their part; `prefix` before both. */
export function hashedPart(bytes: Uint8Array, prefix?: number): Uint8Array {
  const part = keyPart(bytes)
  const at = prefix === undefined ? 0 : 1
  // Its name is asked for, which takes a Buffer's memory and not that of a plain array.
  const hashed = b4a.allocUnsafe(at + HASHED_AT + part.length)
  if (prefix !== undefined) hashed[0] = prefix
  putUint32(hashed, at, hash32(bytes))
  hashed.set(part, at + HASHED_AT)
  return hashed
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = (value >>> 16) & 0xff
  bytes[at + 2] = (value >>> 8) & 0xff
  bytes[at + 3] = value & 0xff
}

export function getUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number))
  )
}

/** A whole number below 2^48, in 6 bytes that are in its order. */
export function putUint48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x100000000)
  bytes[at] = high >>> 8
  bytes[at + 1] = high & 0xff
  putUint32(bytes, at + 2, value >>> 0)
}

export function getUint48(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] as number) * 256 + (bytes[at + 1] as number)
  return high * 0x100000000 + getUint32(bytes, at + 2)
}

/** The bytes as a string of as many characters: a key for a `Map`. */
export function nameOf(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'latin1')
}

/** The first key behind all that begin with `prefix`. */
export function beyond(prefix: Uint8Array): Uint8Array {
  const next = new Uint8Array(prefix)
  for (let i = next.length - 1; i >= 0; i--) {
    if (next[i] !== 0xff) {
      next[i] = (next[i] as number) + 1
      return next.subarray(0, i + 1)
    }
  }
  throw new TypeError('nothing is behind a prefix of 0xff alone')
}
