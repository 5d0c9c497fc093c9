import type { IndexEntry, IndexSnapshot, RangeOptions } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { mergedRange } from './merged-range.ts'
import { isWithin, type OverlayEntry } from './overlay.ts'
import type { SnapshotSource } from './space-snapshot.ts'

/** The index as it was: what it is now, with the entries of keys that changed since as they were. */
export class PastSource implements SnapshotSource {
  readonly #present: IndexSnapshot
  readonly #before = new Map<string, OverlayEntry>()

  /** `before`: index entries. It closes `present` when it is closed. */
  constructor(present: IndexSnapshot, before: Iterable<OverlayEntry>) {
    this.#present = present
    // In order once, so that no range has to put them in order again.
    const ordered = [...before].sort((a, b) => b4a.compare(a.key, b.key))
    for (const entry of ordered) this.#before.set(b4a.toString(entry.key, 'latin1'), entry)
  }

  async get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.getNow(key, options)
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const before = this.#before.get(b4a.toString(key, 'latin1'))
    if (before === undefined) return this.#present.getNow(key, options)
    // What is read is the receiver's to keep.
    return before.value && new Uint8Array(before.value)
  }

  async getMany(
    keys: readonly Uint8Array[],
    options?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    const before = keys.map((key) => this.#before.get(b4a.toString(key, 'latin1')))
    const unchanged = keys.filter((_, i) => before[i] === undefined)
    const present = await this.#present.getMany(unchanged, options)
    let next = 0
    // What is read is the receiver's to keep.
    return before.map((entry) =>
      entry === undefined ? present[next++] : entry.value && new Uint8Array(entry.value),
    )
  }

  range({
    reverse = false,
    limit = Number.POSITIVE_INFINITY,
    ...options
  }: RangeOptions = {}): AsyncIterableIterator<IndexEntry, undefined> {
    const before = [...this.#before.values()].filter(({ key }) => isWithin(key, options))
    return mergedRange(this.#present.range({ ...options, reverse }), before, { reverse, limit })
  }

  close(): void {
    this.#present.close()
  }
}
