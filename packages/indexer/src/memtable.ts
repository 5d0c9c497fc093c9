import type { Stamp } from '@datagram/log-core'
import { copyWindow } from './byte-copies.ts'
import { compareWindows } from './key-order.ts'
import { mergeKeys, sortKeys } from './key-sort.ts'

/** A table's content up to a moment: operations with a number below `limit`. */
export interface MemtableView {
  readonly table: Memtable
  readonly limit: number
}

// Charged to every operation beside its bytes, for the table's own arrays.
const OPERATION_BYTES = 16
const NONE = -1
// What is known of a key lies together, and so does what is known of an operation: keys come in any order, and
// each place that is looked at costs a fetch from memory, which takes longer than all else.
const KEY_FIELDS = 4
const START = 0
const LENGTH = 1
const HASH = 2
const NEWEST = 3
const OPERATION_FIELDS = 5
const KEY = 0
const VALUE_START = 1
const VALUE_LENGTH = 2
const BEFORE = 3
const FRAME = 4

/**
 * Recent operations in memory: the newest of a key by hash, all keys in order, every moment kept.
 *
 * Operations are numbered from 0 and never change, and an older operation on the same key stays
 * reachable from the newer. So a snapshot is a number: what has a lower one is in it. Nothing is ever
 * taken out; a flush replaces the whole table.
 *
 * Invariants: `#slots` is an open-addressing table (power of two, at most half full) of key numbers;
 * `NEWEST` leads from a key to its newest operation and `BEFORE` from an operation to the one before
 * it on the same key, with falling numbers; `#sorted` holds the first so many keys in order.
 */
export class Memtable {
  // Keys and values, one after another.
  #arena = new Uint8Array(4096)
  #arenaEnd = 0
  // By key number.
  #keys = 0
  #keyFields = new Int32Array(64 * KEY_FIELDS)
  #slots = new Int32Array(256).fill(NONE)
  // By operation number. A value length of −1 is a tombstone.
  #operations = 0
  #tombstones = 0
  #fields = new Int32Array(64 * OPERATION_FIELDS)
  // By frame: one call of `apply`.
  readonly #frames: { readonly position: number; readonly stamp: Stamp; readonly first: number }[] =
    []
  #bytes = 0
  #sorted: Int32Array = new Int32Array(0)

  /** Operations so far, overwritten ones included. */
  get operations(): number {
    return this.#operations
  }

  /** Bytes of all operations, and something for each. */
  get bytes(): number {
    return this.#bytes
  }

  /** Calls of `begin`. */
  get frames(): number {
    return this.#frames.length
  }

  /** Position of the last frame; 0 when there is none. */
  get position(): number {
    return this.#frames.at(-1)?.position ?? 0
  }

  /** What is in the table now, unaffected by what comes later. */
  view(): MemtableView {
    return { table: this, limit: this.#operations }
  }

  /** Begins a frame: the operations that follow carry its stamp. */
  begin(position: number, stamp: Stamp): void {
    this.#frames.push({ position, stamp, first: this.#operations })
  }

  /** Adds an operation: a put, or (`value` undefined) a tombstone. Both arguments are copied. */
  add(key: Uint8Array, hash: number, value: Uint8Array | undefined): void {
    const valueLength = value === undefined ? 0 : value.length
    this.#reserve(key.length + valueLength)
    let slot = this.#slotOf(key, hash)
    let id = this.#slots[slot] as number
    if (id === NONE) {
      if (2 * this.#keys >= this.#slots.length) {
        this.#growSlots()
        slot = this.#slotOf(key, hash)
      }
      id = this.#addKey(key, hash)
      this.#slots[slot] = id
    }
    const operation = this.#operations
    const fields = this.#fields
    const at = OPERATION_FIELDS * operation
    const newest = KEY_FIELDS * id + NEWEST
    fields[at + KEY] = id
    fields[at + VALUE_START] = this.#arenaEnd
    fields[at + VALUE_LENGTH] = value === undefined ? NONE : valueLength
    fields[at + BEFORE] = this.#keyFields[newest] as number
    fields[at + FRAME] = this.#frames.length - 1
    this.#keyFields[newest] = operation
    if (value === undefined) this.#tombstones += 1
    if (value !== undefined) this.#arenaEnd = copyInto(this.#arena, this.#arenaEnd, value)
    this.#operations = operation + 1
    this.#bytes += key.length + valueLength + OPERATION_BYTES
  }

  /** A copy of the key's value among the first `limit` operations; null: deleted; undefined: not here. */
  get(key: Uint8Array, hash: number, limit: number): Uint8Array | null | undefined {
    if (this.#keys === 0) return undefined
    const id = this.#slots[this.#slotOf(key, hash)] as number
    if (id === NONE) return undefined
    const operation = this.newestOf(id, limit)
    if (operation === NONE) return undefined
    const length = this.valueLength(operation)
    if (length === NONE) return null
    const start = this.valueStart(operation)
    return copyWindow(this.#arena, start, start + length)
  }

  /** Part of the operations that are tombstones. */
  get tombstonePart(): number {
    return this.#operations === 0 ? 0 : this.#tombstones / this.#operations
  }

  /** Number of a key's newest operation below `limit`, or −1. */
  newestOf(key: number, limit: number): number {
    let operation = this.#keyFields[KEY_FIELDS * key + NEWEST] as number
    while (operation >= limit) {
      operation = this.#fields[OPERATION_FIELDS * operation + BEFORE] as number
    }
    return operation
  }

  /** All keys' numbers in the order of the keys. The array is not changed by what comes later. */
  sorted(): Int32Array {
    const done = this.#sorted.length
    if (done === this.#keys) return this.#sorted
    const keys = { bytes: this.#arena, windows: this.#keyFields, stride: KEY_FIELDS }
    const added = new Int32Array(this.#keys - done)
    for (let i = 0; i < added.length; i++) added[i] = done + i
    sortKeys(added, keys)
    this.#sorted = done === 0 ? added : mergeKeys(this.#sorted, added, keys)
    return this.#sorted
  }

  /** Compares a key of the table with another. */
  compare(id: number, key: Uint8Array): number {
    const start = this.keyStart(id)
    return compareWindows(this.#arena, start, start + this.keyLength(id), key, 0, key.length)
  }

  /** Where an operation's fields lie. The buffer is replaced as the table grows: ask each time. */
  get arena(): Uint8Array {
    return this.#arena
  }

  /** A copy of a key. */
  key(id: number): Uint8Array {
    const start = this.keyStart(id)
    return copyWindow(this.#arena, start, start + this.keyLength(id))
  }

  hash(id: number): number {
    return this.#keyFields[KEY_FIELDS * id + HASH] as number
  }

  keyStart(id: number): number {
    return this.#keyFields[KEY_FIELDS * id + START] as number
  }

  keyLength(id: number): number {
    return this.#keyFields[KEY_FIELDS * id + LENGTH] as number
  }

  valueStart(operation: number): number {
    return this.#fields[OPERATION_FIELDS * operation + VALUE_START] as number
  }

  /** −1 for a tombstone. */
  valueLength(operation: number): number {
    return this.#fields[OPERATION_FIELDS * operation + VALUE_LENGTH] as number
  }

  stamp(operation: number): Stamp {
    return this.#frame(this.#fields[OPERATION_FIELDS * operation + FRAME] as number).stamp
  }

  /** What is left without the frames up to `position`; undefined when that is nothing. */
  after(position: number): Memtable | undefined {
    const from = this.#frames.findIndex((frame) => frame.position > position)
    if (from === -1) return this.#frames.length === 0 ? this : undefined
    if (from === 0) return this
    const rest = new Memtable()
    for (let i = from; i < this.#frames.length; i++) {
      const frame = this.#frame(i)
      rest.begin(frame.position, frame.stamp)
      const end = this.#frames[i + 1]?.first ?? this.#operations
      for (let operation = frame.first; operation < end; operation++) this.#copyTo(rest, operation)
    }
    return rest
  }

  #copyTo(other: Memtable, operation: number): void {
    const id = this.#fields[OPERATION_FIELDS * operation + KEY] as number
    const start = this.keyStart(id)
    const key = this.#arena.subarray(start, start + this.keyLength(id))
    const length = this.valueLength(operation)
    const valueStart = this.valueStart(operation)
    const value =
      length === NONE ? undefined : this.#arena.subarray(valueStart, valueStart + length)
    other.add(key, this.hash(id), value)
  }

  #frame(index: number): { position: number; stamp: Stamp; first: number } {
    const frame = this.#frames[index]
    if (frame === undefined) throw new TypeError('an operation is added after its frame has begun')
    return frame
  }

  #addKey(key: Uint8Array, hash: number): number {
    const id = this.#keys
    const at = KEY_FIELDS * id
    this.#keyFields[at + START] = this.#arenaEnd
    this.#keyFields[at + LENGTH] = key.length
    this.#keyFields[at + HASH] = hash
    this.#keyFields[at + NEWEST] = NONE
    this.#arenaEnd = copyInto(this.#arena, this.#arenaEnd, key)
    this.#keys = id + 1
    return id
  }

  // The slot that holds the key, or the free one where it belongs.
  #slotOf(key: Uint8Array, hash: number): number {
    const slots = this.#slots
    const fields = this.#keyFields
    const mask = slots.length - 1
    let slot = hash & mask
    for (;;) {
      const id = slots[slot] as number
      if (id === NONE) return slot
      const at = KEY_FIELDS * id
      if (fields[at + HASH] === hash && fields[at + LENGTH] === key.length) {
        if (this.#isAt(key, fields[at + START] as number)) return slot
      }
      slot = (slot + 1) & mask
    }
  }

  #isAt(key: Uint8Array, start: number): boolean {
    const arena = this.#arena
    let i = 0
    while (i < key.length && arena[start + i] === key[i]) i++
    return i === key.length
  }

  #growSlots(): void {
    const larger = new Int32Array(2 * this.#slots.length).fill(NONE)
    const mask = larger.length - 1
    for (let id = 0; id < this.#keys; id++) {
      let slot = this.hash(id) & mask
      while (larger[slot] !== NONE) slot = (slot + 1) & mask
      larger[slot] = id
    }
    this.#slots = larger
  }

  #reserve(bytes: number): void {
    if (this.#arenaEnd + bytes > this.#arena.length) {
      const larger = new Uint8Array(Math.max(2 * this.#arena.length, this.#arenaEnd + bytes))
      larger.set(this.#arena.subarray(0, this.#arenaEnd))
      this.#arena = larger
    }
    if (OPERATION_FIELDS * this.#operations === this.#fields.length) {
      this.#fields = doubled(this.#fields)
    }
    if (KEY_FIELDS * this.#keys === this.#keyFields.length) {
      this.#keyFields = doubled(this.#keyFields)
    }
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length)
  larger.set(array)
  return larger
}

function copyInto(arena: Uint8Array, at: number, bytes: Uint8Array): number {
  if (bytes.length > 160) arena.set(bytes, at)
  else for (let i = 0; i < bytes.length; i++) arena[at + i] = bytes[i] as number
  return at + bytes.length
}
