import { EntryView } from './entry-view.ts'
import { compareWindows } from './key-order.ts'
import { LeafEntry } from './leaf-entry.ts'
import { RESTART_INTERVAL } from './leaf-format.ts'
import type { LeafPage } from './leaf-page.ts'

const KEYS_CHUNK_BYTES = 4096

/**
 * Moves over the entries of a leaf in either direction and shows each in `entry`.
 *
 * Keys are unfolded one restart interval (16 entries) at a time. With `lending`, keys and values lie in
 * buffers of their own that are never written again, so that the caller may give out windows of them;
 * without it they lie in the page and in a reused buffer, and the caller copies what it keeps.
 */
export class LeafCursor {
  readonly entry = new EntryView()
  readonly #lending: boolean
  readonly #fields = new LeafEntry()
  #page: LeafPage | undefined
  #values: Uint8Array = new Uint8Array(0)
  #keys: Uint8Array = new Uint8Array(KEYS_CHUNK_BYTES)
  #keysEnd = 0
  // The interval that is unfolded, and where its entries' keys and values lie.
  #interval = -1
  readonly #keyStarts = new Int32Array(RESTART_INTERVAL)
  readonly #keyEnds = new Int32Array(RESTART_INTERVAL)
  readonly #valueStarts = new Int32Array(RESTART_INTERVAL)
  readonly #valueEnds = new Int32Array(RESTART_INTERVAL)
  readonly #tombstones = new Uint8Array(RESTART_INTERVAL)
  readonly #counters = new Uint16Array(RESTART_INTERVAL)
  readonly #ms = new Float64Array(RESTART_INTERVAL)

  constructor(lending: boolean) {
    this.#lending = lending
  }

  /** Goes to another leaf; `entry` shows nothing of it before the first move. */
  open(page: LeafPage): void {
    page.used = true
    this.#page = page
    this.#interval = -1
    this.#values = this.#lending ? page.bytes.slice() : page.bytes
  }

  /** Shows the entry of that number. */
  moveTo(index: number): void {
    const interval = index >> 4
    if (interval !== this.#interval) this.#unfold(interval)
    const i = index & (RESTART_INTERVAL - 1)
    const entry = this.entry
    entry.keyBytes = this.#keys
    entry.keyStart = this.#keyStarts[i] as number
    entry.keyEnd = this.#keyEnds[i] as number
    entry.valueBytes = this.#values
    entry.valueStart = this.#valueStarts[i] as number
    entry.valueEnd = this.#valueEnds[i] as number
    entry.tombstone = this.#tombstones[i] === 1
    entry.counter = this.#counters[i] as number
    entry.ms = this.#ms[i] as number
  }

  /** Number of the first entry whose key is not below `key`; the count of entries when all are. */
  seek(key: Uint8Array): number {
    const page = this.#openPage()
    const interval = page.restartBefore(key)
    if (interval !== this.#interval) this.#unfold(interval)
    const first = interval * RESTART_INTERVAL
    const end = Math.min(first + RESTART_INTERVAL, page.count)
    for (let i = first; i < end; i++) {
      const start = this.#keyStarts[i - first] as number
      const keyEnd = this.#keyEnds[i - first] as number
      if (compareWindows(this.#keys, start, keyEnd, key, 0, key.length) >= 0) return i
    }
    return end
  }

  #unfold(interval: number): void {
    const page = this.#openPage()
    const first = interval * RESTART_INTERVAL
    const entries = Math.min(RESTART_INTERVAL, page.count - first)
    const fields = this.#fields
    let at = page.restart(interval)
    let lastStart = 0
    if (!this.#lending) this.#keysEnd = 0
    let intervalStart = this.#keysEnd
    for (let i = 0; i < entries; i++) {
      fields.read(page.bytes, at)
      const length = fields.shared + fields.suffixBytes
      if (this.#keysEnd + length > this.#keys.length) {
        const from = i === 0 ? this.#keysEnd : intervalStart
        this.#moveKeys(from, i, length)
        lastStart -= from
        intervalStart = 0
      }
      const start = this.#keysEnd
      this.#writeKey(page.bytes, lastStart, start)
      this.#keyStarts[i] = start
      this.#keyEnds[i] = start + length
      this.#valueStarts[i] = fields.valueAt
      this.#valueEnds[i] = fields.end
      this.#tombstones[i] = fields.tombstone ? 1 : 0
      this.#counters[i] = fields.counter(page.bytes)
      this.#ms[i] = fields.ms(page.bytes, page.baseMs)
      lastStart = start
      this.#keysEnd = start + length
      at = fields.end
    }
    this.#interval = interval
  }

  #writeKey(bytes: Uint8Array, lastStart: number, start: number): void {
    const keys = this.#keys
    const { shared, suffixBytes, suffixAt } = this.#fields
    for (let j = 0; j < shared; j++) keys[start + j] = keys[lastStart + j] as number
    const suffixStart = start + shared
    for (let j = 0; j < suffixBytes; j++) keys[suffixStart + j] = bytes[suffixAt + j] as number
  }

  // The buffer is full: a new one takes over the keys of this interval, which lie at its start then.
  #moveKeys(from: number, entries: number, length: number): void {
    const kept = this.#keysEnd - from
    const larger = new Uint8Array(Math.max(KEYS_CHUNK_BYTES, 2 * (kept + length)))
    larger.set(this.#keys.subarray(from, this.#keysEnd))
    for (let i = 0; i < entries; i++) {
      this.#keyStarts[i] = (this.#keyStarts[i] as number) - from
      this.#keyEnds[i] = (this.#keyEnds[i] as number) - from
    }
    this.#keys = larger
    this.#keysEnd = kept
  }

  #openPage(): LeafPage {
    if (this.#page === undefined) throw new TypeError('a leaf cursor is opened before it moves')
    return this.#page
  }
}
