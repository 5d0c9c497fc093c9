import type { EntryView } from './entry-view.ts'
import { copyWindow } from './byte-copies.ts'
import { sharedPrefix } from './key-order.ts'
import { writeBytes } from './leaf-entry.ts'
import {
  ENTRY_OFFSET_END,
  LEAF_HEADER_BYTES,
  LEAF_VERSION,
  META_BEFORE_BASE,
  META_COUNTER_SHIFT,
  META_DISTANCE_SHIFT,
  META_TOMBSTONE,
  RESTART_INTERVAL,
} from './leaf-format.ts'
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './limits.ts'
import { writeUint } from './uint-field.ts'

// Meta byte, three uints, distance and counter: what an entry has beside its suffix and value.
const ENTRY_OVERHEAD_MAX = 1 + 3 + 3 + 5 + 6 + 2

/**
 * Encodes one leaf after another, entry by entry. The layout is drawn in `leaf-format.ts`.
 *
 * Entries come in the order of their keys, each key once: the caller's duty. The buffer is reused;
 * `finish` returns a copy.
 */
export class LeafWriter {
  #buffer = new Uint8Array(16_384)
  #end = LEAF_HEADER_BYTES
  #count = 0
  #baseMs = 0
  #restarts: number[] = []
  readonly #lastKey = new Uint8Array(KEY_BYTES_MAX)
  #lastKeyLength = 0

  /** Entries so far. */
  get count(): number {
    return this.#count
  }

  /** Bytes that the leaf would have if it were finished now. */
  get bytes(): number {
    return this.#end + 2 * this.#restarts.length
  }

  /** Whether another entry may be added: its offset must fit two bytes. */
  get hasRoom(): boolean {
    return this.#end < ENTRY_OFFSET_END && this.#count < 0xffff
  }

  /** A copy of the last key added. */
  lastKey(): Uint8Array {
    return copyWindow(this.#lastKey, 0, this.#lastKeyLength)
  }

  /** Adds an entry whose key is above the last one's. */
  add(entry: EntryView): void {
    const { keyBytes, keyStart, keyEnd } = entry
    const valueLength = entry.valueEnd - entry.valueStart
    this.#reserve(ENTRY_OVERHEAD_MAX + (keyEnd - keyStart) + valueLength)
    let shared = 0
    if (this.#count === 0) this.#baseMs = entry.ms
    if (this.#count % RESTART_INTERVAL === 0) this.#restarts.push(this.#end)
    else shared = sharedPrefix(keyBytes, keyStart, keyEnd, this.#lastKey, 0, this.#lastKeyLength)
    const buffer = this.#buffer
    const metaAt = this.#end
    let at = writeUint(buffer, metaAt + 1, shared)
    at = writeUint(buffer, at, keyEnd - keyStart - shared)
    if (!entry.tombstone) at = writeUint(buffer, at, valueLength)
    const before = entry.ms < this.#baseMs
    const distanceEnd = writeBytes(buffer, at, Math.abs(entry.ms - this.#baseMs))
    const counterEnd = writeBytes(buffer, distanceEnd, entry.counter)
    buffer[metaAt] =
      (entry.tombstone ? META_TOMBSTONE : 0) |
      (before ? META_BEFORE_BASE : 0) |
      ((distanceEnd - at) << META_DISTANCE_SHIFT) |
      ((counterEnd - distanceEnd) << META_COUNTER_SHIFT)
    at = this.#writeKey(keyBytes, keyStart, keyEnd, shared, counterEnd)
    if (valueLength > 0) {
      copyBytes(entry.valueBytes, entry.valueStart, entry.valueEnd, buffer, at)
    }
    this.#end = at + valueLength
    this.#count += 1
  }

  /** The finished leaf, and a fresh start for the next. */
  finish(): Uint8Array {
    const restarts = this.#restarts
    this.#reserve(2 * restarts.length)
    const buffer = this.#buffer
    buffer[0] = LEAF_VERSION
    buffer[1] = this.#count
    buffer[2] = this.#count >>> 8
    buffer.fill(0, 3, LEAF_HEADER_BYTES)
    writeBytes(buffer, 3, this.#baseMs)
    let at = this.#end
    for (const offset of restarts) {
      buffer[at] = offset
      buffer[at + 1] = offset >>> 8
      at += 2
    }
    this.#end = LEAF_HEADER_BYTES
    this.#count = 0
    this.#restarts = []
    if (buffer.length > 4 * VALUE_BYTES_MAX) this.#buffer = new Uint8Array(16_384)
    return copyWindow(buffer, 0, at)
  }

  #writeKey(bytes: Uint8Array, start: number, end: number, shared: number, at: number): number {
    const buffer = this.#buffer
    const last = this.#lastKey
    const length = end - start
    for (let i = shared; i < length; i++) {
      const byte = bytes[start + i] as number
      last[i] = byte
      buffer[at + i - shared] = byte
    }
    this.#lastKeyLength = length
    return at + length - shared
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(this.#end + bytes, 2 * this.#buffer.length))
    larger.set(this.#buffer.subarray(0, this.#end))
    this.#buffer = larger
  }
}

function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 160) {
    to.set(from.subarray(start, end), at)
    return
  }
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number
}
