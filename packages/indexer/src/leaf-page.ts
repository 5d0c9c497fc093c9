import { formatUnknown } from './index-errors.ts'
import { copyWindow, plain } from './byte-copies.ts'
import { compareWindows } from './key-order.ts'
import { checkLeaf, leafDamaged } from './leaf-check.ts'
import { LeafEntry, readBytes } from './leaf-entry.ts'
import { LEAF_HEADER_BYTES, LEAF_VERSION, RESTART_INTERVAL } from './leaf-format.ts'

// One for all pages: a search runs to its end before the next begins.
const entry = new LeafEntry()

/**
 * A leaf as it is kept in memory: its raw bytes, checked once, and searched without decoding.
 *
 * Invariant: `decode` has walked every entry, so that no later read needs to check anything.
 */
export class LeafPage {
  readonly kind = 'leaf'
  /** Set by every read; the page cache clears it (second chance). */
  used = false
  readonly bytes: Uint8Array
  /** Entries in the leaf. */
  readonly count: number
  /** Milliseconds of the first entry's stamp. */
  readonly baseMs: number
  readonly #restartsAt: number

  private constructor(bytes: Uint8Array, count: number, restartsAt: number) {
    this.bytes = bytes
    this.count = count
    this.baseMs = readBytes(bytes, 3, 6)
    this.#restartsAt = restartsAt
  }

  /** Checks a leaf's bytes and wraps them. Throws `INDEX_FORMAT_UNKNOWN`, `INDEX_BLOCK_DAMAGED`. */
  static decode(payload: Uint8Array): LeafPage {
    const bytes = plain(payload)
    if (bytes[0] !== LEAF_VERSION) throw formatUnknown('leaf', bytes[0])
    if (bytes.length < LEAF_HEADER_BYTES) throw leafDamaged('it is shorter than its header')
    const count = (bytes[1] as number) | ((bytes[2] as number) << 8)
    const restartsAt = bytes.length - 2 * Math.ceil(count / RESTART_INTERVAL)
    if (count === 0 || restartsAt < LEAF_HEADER_BYTES)
      throw leafDamaged('its count does not fit its size')
    checkLeaf(bytes, count, restartsAt)
    return new LeafPage(bytes, count, restartsAt)
  }

  /** Wraps a leaf that was just written here, without checking it again. */
  static trusted(bytes: Uint8Array): LeafPage {
    const count = (bytes[1] as number) | ((bytes[2] as number) << 8)
    return new LeafPage(bytes, count, bytes.length - 2 * Math.ceil(count / RESTART_INTERVAL))
  }

  /** Memory that the page takes, in bytes. */
  get memoryBytes(): number {
    return this.bytes.length + 160
  }

  /** Offset of the entry at which the restart begins. */
  restart(index: number): number {
    const at = this.#restartsAt + 2 * index
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8)
  }

  /** The last restart whose key is not above `key`, or 0. */
  restartBefore(key: Uint8Array): number {
    let low = 0
    let high = Math.ceil(this.count / RESTART_INTERVAL) - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#compareAtRestart(middle, key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** A copy of the key's value; null: it is deleted; undefined: it is not in the leaf. */
  get(key: Uint8Array): Uint8Array | null | undefined {
    if (!this.#find(key)) return undefined
    return entry.tombstone ? null : copyWindow(this.bytes, entry.valueAt, entry.end)
  }

  // Leaves `entry` at the entry with that key, if there is one.
  #find(key: Uint8Array): boolean {
    const bytes = this.bytes
    const restart = this.restartBefore(key)
    const first = restart * RESTART_INTERVAL
    const end = Math.min(first + RESTART_INTERVAL, this.count)
    let at = this.restart(restart)
    // Bytes that `key` shares with the entry before, all of them below it so far.
    let matched = 0
    for (let i = first; i < end; i++) {
      entry.read(bytes, at)
      if (entry.shared < matched) return false
      if (entry.shared === matched) {
        const { suffixAt, valueAt } = entry
        let from = suffixAt
        while (from < valueAt && matched < key.length && bytes[from] === key[matched]) {
          from += 1
          matched += 1
        }
        if (from === valueAt) {
          if (matched === key.length) return true
        } else if (matched === key.length || (bytes[from] as number) > (key[matched] as number)) {
          return false
        }
      }
      at = entry.end
    }
    return false
  }

  #compareAtRestart(index: number, key: Uint8Array): number {
    entry.read(this.bytes, this.restart(index))
    return compareWindows(this.bytes, entry.suffixAt, entry.valueAt, key, 0, key.length)
  }
}
