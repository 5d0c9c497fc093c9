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

/**
 * Recent operations in memory: the newest of a key by hash, all keys in order, every moment kept.
 *
 * Operations are numbered from 0 and never change, and an older operation on the same key stays
 * reachable from the newer. So a snapshot is a number: what has a lower one is in it. Nothing is ever
 * taken out; a flush replaces the whole table.
 *
 * Invariants: `#slots` is an open-addressing table (power of two, at most half full) of key numbers;
 * `#newest` leads from a key to its newest operation and `#before` from an operation to the one before
 * it on the same key, with falling numbers; `#sorted` holds the first so many keys in order.
 */
export class Memtable {
  // Keys and values, one after another.
  #arena = new Uint8Array(4096)
  #arenaEnd = 0
  // By key number.
  #keys = 0
  #keyStarts = new Int32Array(64)
  #keyLengths = new Uint16Array(64)
  #hashes = new Int32Array(64)
  #newest = new Int32Array(64)
  #slots = new Int32Array(256).fill(NONE)
  // By operation number. A value length of −1 is a tombstone.
  #operations = 0
  #tombstones = 0
  #keyOf = new Int32Array(64)
  #valueStarts = new Int32Array(64)
  #valueLengths = new Int32Array(64)
  #before = new Int32Array(64)
  #frameOf = new Int32Array(64)
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
    let slot = this.#slotOf(key, 0, key.length, hash)
    let id = this.#slots[slot] as number
    if (id === NONE) {
      if (2 * this.#keys >= this.#slots.length) {
        this.#growSlots()
        slot = this.#slotOf(key, 0, key.length, hash)
      }
      id = this.#addKey(key, hash)
      this.#slots[slot] = id
    }
    const operation = this.#operations
    this.#keyOf[operation] = id
    this.#valueStarts[operation] = this.#arenaEnd
    this.#valueLengths[operation] = value === undefined ? NONE : valueLength
    this.#before[operation] = this.#newest[id] as number
    this.#frameOf[operation] = this.#frames.length - 1
    this.#newest[id] = operation
    if (value === undefined) this.#tombstones += 1
    if (value !== undefined) this.#arenaEnd = copyInto(this.#arena, this.#arenaEnd, value)
    this.#operations = operation + 1
    this.#bytes += key.length + valueLength + OPERATION_BYTES
  }

  /** A copy of the key's value among the first `limit` operations; null: deleted; undefined: not here. */
  get(key: Uint8Array, hash: number, limit: number): Uint8Array | null | undefined {
    if (this.#keys === 0) return undefined
    const id = this.#slots[this.#slotOf(key, 0, key.length, hash)] as number
    if (id === NONE) return undefined
    const operation = this.newestOf(id, limit)
    if (operation === NONE) return undefined
    const length = this.#valueLengths[operation] as number
    if (length === NONE) return null
    const start = this.#valueStarts[operation] as number
    return copyWindow(this.#arena, start, start + length)
  }

  /** Part of the operations that are tombstones. */
  get tombstonePart(): number {
    return this.#operations === 0 ? 0 : this.#tombstones / this.#operations
  }

  /** Number of a key's newest operation below `limit`, or −1. */
  newestOf(key: number, limit: number): number {
    let operation = this.#newest[key] as number
    while (operation >= limit) operation = this.#before[operation] as number
    return operation
  }

  /** All keys' numbers in the order of the keys. The array is not changed by what comes later. */
  sorted(): Int32Array {
    const done = this.#sorted.length
    if (done === this.#keys) return this.#sorted
    const keys = { bytes: this.#arena, starts: this.#keyStarts, lengths: this.#keyLengths }
    const added = new Int32Array(this.#keys - done)
    for (let i = 0; i < added.length; i++) added[i] = done + i
    sortKeys(added, keys)
    this.#sorted = done === 0 ? added : mergeKeys(this.#sorted, added, keys)
    return this.#sorted
  }

  /** Compares a key of the table with another. */
  compare(id: number, key: Uint8Array): number {
    const start = this.#keyStarts[id] as number
    return compareWindows(
      this.#arena,
      start,
      start + (this.#keyLengths[id] as number),
      key,
      0,
      key.length,
    )
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
    return this.#hashes[id] as number
  }

  keyStart(id: number): number {
    return this.#keyStarts[id] as number
  }

  keyLength(id: number): number {
    return this.#keyLengths[id] as number
  }

  valueStart(operation: number): number {
    return this.#valueStarts[operation] as number
  }

  /** −1 for a tombstone. */
  valueLength(operation: number): number {
    return this.#valueLengths[operation] as number
  }

  stamp(operation: number): Stamp {
    return this.#frame(this.#frameOf[operation] as number).stamp
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
    const id = this.#keyOf[operation] as number
    const start = this.keyStart(id)
    const key = this.#arena.subarray(start, start + this.keyLength(id))
    const length = this.valueLength(operation)
    const valueStart = this.valueStart(operation)
    const value =
      length === NONE ? undefined : this.#arena.subarray(valueStart, valueStart + length)
    other.add(key, this.#hashes[id] as number, value)
  }

  #frame(index: number): { position: number; stamp: Stamp; first: number } {
    const frame = this.#frames[index]
    if (frame === undefined) throw new TypeError('an operation is added after its frame has begun')
    return frame
  }

  #addKey(key: Uint8Array, hash: number): number {
    const id = this.#keys
    this.#keyStarts[id] = this.#arenaEnd
    this.#keyLengths[id] = key.length
    this.#hashes[id] = hash
    this.#newest[id] = NONE
    this.#arenaEnd = copyInto(this.#arena, this.#arenaEnd, key)
    this.#keys = id + 1
    return id
  }

  // The slot that holds the key, or the free one where it belongs.
  #slotOf(key: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1
    const length = end - start
    let slot = hash & mask
    for (;;) {
      const id = this.#slots[slot] as number
      if (id === NONE) return slot
      if (this.#hashes[id] === hash && this.#keyLengths[id] === length) {
        const keyStart = this.#keyStarts[id] as number
        let i = 0
        while (i < length && this.#arena[keyStart + i] === key[start + i]) i++
        if (i === length) return slot
      }
      slot = (slot + 1) & mask
    }
  }

  #growSlots(): void {
    const larger = new Int32Array(2 * this.#slots.length).fill(NONE)
    const mask = larger.length - 1
    for (let id = 0; id < this.#keys; id++) {
      let slot = (this.#hashes[id] as number) & mask
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
    if (this.#operations === this.#keyOf.length) {
      this.#keyOf = doubled(this.#keyOf)
      this.#valueStarts = doubled(this.#valueStarts)
      this.#valueLengths = doubled(this.#valueLengths)
      this.#before = doubled(this.#before)
      this.#frameOf = doubled(this.#frameOf)
    }
    if (this.#keys === this.#keyStarts.length) {
      this.#keyStarts = doubled(this.#keyStarts)
      this.#hashes = doubled(this.#hashes)
      this.#newest = doubled(this.#newest)
      const lengths = new Uint16Array(2 * this.#keyLengths.length)
      lengths.set(this.#keyLengths)
      this.#keyLengths = lengths
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
