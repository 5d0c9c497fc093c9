import { fence } from './fence.ts'
import { compareWindows } from './key-order.ts'

/**
 * A fence as it is kept in memory: separators one after another in one buffer, so that a search touches
 * few cache lines.
 */
export class FencePage {
  readonly kind = 'fence'
  /** Set by every read; the page cache clears it (second chance). */
  used = false
  /** Leaves of the group. */
  readonly leaves: number
  /** The group's filter, when it lies in the fence. */
  readonly filter: Uint8Array
  /** Entries of the group, tombstones included. */
  readonly entries: number
  readonly tombstones: number
  /** Payload bytes of the group: leaves, filter blocks and this fence. */
  readonly bytes: number
  /** Memory that the page takes, in bytes. */
  readonly memoryBytes: number
  readonly #separators: Uint8Array
  // Where each separator ends.
  readonly #ends: Uint32Array
  readonly #counts: Uint16Array

  private constructor(payload: Uint8Array) {
    const decoded = fence.decode({ start: 0, end: payload.length, buffer: payload })
    const { leaves, filter, tombstones, bytes } = decoded
    this.leaves = leaves.length
    this.filter = filter
    this.tombstones = tombstones
    this.bytes = bytes + payload.length
    this.#separators = new Uint8Array(leaves.reduce((sum, leaf) => sum + leaf.separator.length, 0))
    this.#ends = new Uint32Array(leaves.length)
    this.#counts = new Uint16Array(leaves.length)
    let at = 0
    let entries = 0
    leaves.forEach((leaf, i) => {
      this.#separators.set(leaf.separator, at)
      at += leaf.separator.length
      entries += leaf.entries
      this.#ends[i] = at
      this.#counts[i] = leaf.entries
    })
    this.entries = entries
    this.memoryBytes = at + filter.length + 6 * leaves.length + 400
  }

  /** Decodes a fence. Throws `INDEX_FORMAT_UNKNOWN`, `INDEX_BLOCK_DAMAGED`. */
  static decode(payload: Uint8Array): FencePage {
    return new FencePage(payload)
  }

  /** Number of the last leaf whose separator is not above `key`; −1 when all are above. */
  leafOf(key: Uint8Array): number {
    let low = -1
    let high = this.leaves - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const start = middle === 0 ? 0 : (this.#ends[middle - 1] as number)
      const end = this.#ends[middle] as number
      if (compareWindows(this.#separators, start, end, key, 0, key.length) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Separator of a leaf; undefined behind the last. Not to be written to. */
  separator(leaf: number): Uint8Array | undefined {
    if (leaf >= this.leaves) return undefined
    const start = leaf === 0 ? 0 : (this.#ends[leaf - 1] as number)
    return this.#separators.subarray(start, this.#ends[leaf])
  }

  /** Entries of a leaf. */
  entriesOf(leaf: number): number {
    return this.#counts[leaf] as number
  }
}
