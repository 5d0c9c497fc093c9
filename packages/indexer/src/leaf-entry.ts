import {
  META_BEFORE_BASE,
  META_COUNTER_SHIFT,
  META_DISTANCE_SHIFT,
  META_TOMBSTONE,
} from './leaf-format.ts'
import { readUint, uintBytesFrom } from './uint-field.ts'

/**
 * Where the fields of one entry of a leaf lie (layout: `leaf-format.ts`).
 *
 * `read` overwrites it, so that a loop over entries allocates nothing. It checks nothing: on bytes
 * that were not checked yet a length may be anything, infinity included.
 */
export class LeafEntry {
  meta = 0
  /** Bytes that the key has in common with the key before. */
  shared = 0
  /** Bytes of the rest of the key. */
  suffixBytes = 0
  valueBytes = 0
  /** Offset of the stamp's distance. */
  distanceAt = 0
  distanceBytes = 0
  counterBytes = 0
  /** Offset of the rest of the key. */
  suffixAt = 0
  valueAt = 0
  /** Offset of the next entry. */
  end = 0

  get tombstone(): boolean {
    return (this.meta & META_TOMBSTONE) !== 0
  }

  read(bytes: Uint8Array, offset: number): void {
    const meta = bytes[offset] as number
    let at = offset + 1
    this.meta = meta
    this.shared = readUint(bytes, at)
    at += uintBytesFrom(bytes[at] as number)
    this.suffixBytes = readUint(bytes, at)
    at += uintBytesFrom(bytes[at] as number)
    this.valueBytes = 0
    if ((meta & META_TOMBSTONE) === 0) {
      this.valueBytes = readUint(bytes, at)
      at += uintBytesFrom(bytes[at] as number)
    }
    this.distanceAt = at
    this.distanceBytes = (meta >> META_DISTANCE_SHIFT) & 7
    this.counterBytes = (meta >> META_COUNTER_SHIFT) & 3
    this.suffixAt = at + this.distanceBytes + this.counterBytes
    this.valueAt = this.suffixAt + this.suffixBytes
    this.end = this.valueAt + this.valueBytes
  }

  /** Milliseconds of the stamp, in a leaf with that base. */
  ms(bytes: Uint8Array, baseMs: number): number {
    const distance = readBytes(bytes, this.distanceAt, this.distanceBytes)
    return (this.meta & META_BEFORE_BASE) === 0 ? baseMs + distance : baseMs - distance
  }

  /** Counter of the stamp. */
  counter(bytes: Uint8Array): number {
    return readBytes(bytes, this.distanceAt + this.distanceBytes, this.counterBytes)
  }
}

/** The little endian integer of `size` bytes (0–6) at `offset`. */
export function readBytes(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0
  for (let i = size - 1; i >= 0; i--) value = value * 0x100 + (bytes[offset + i] as number)
  return value
}

/** Writes as many little endian bytes as `value` needs, none for 0; returns the offset behind them. */
export function writeBytes(buffer: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest > 0) {
    buffer[at] = rest % 0x100
    at += 1
    rest = Math.floor(rest / 0x100)
  }
  return at
}
