import { type BlockInput, encode } from '@datagram/log-core'
import { addToFilter, filterBytes, filterPartition } from './bloom-filter.ts'
import type { EntryView } from './entry-view.ts'
import { FENCE_KIND, type FenceLeaf, fence, LEAVES_MAX } from './fence.ts'
import { FencePage } from './fence-page.ts'
import { FILTER_HEADER_BYTES, FILTER_KIND, FILTER_VERSION, FilterPage } from './filter-page.ts'
import { hashKey } from './key-hash.ts'
import { copyWindow } from './byte-copies.ts'
import { LEAF_KIND } from './leaf-format.ts'
import { LeafPage } from './leaf-page.ts'
import { LeafWriter } from './leaf-writer.ts'
import type { Page } from './page-cache.ts'
import { separatorOf } from './separator.ts'

// A filter up to this size lies in its fence; a larger one gets blocks of about the other size.
const FILTER_INLINE_BYTES_MAX = 512
const FILTER_PARTITION_BYTES = 4096

/** How large leaves and groups are to be. */
export interface GroupSizes {
  /** A leaf ends with the entry that brings it to this many bytes. */
  readonly leafBytes: number
  /** A group ends with the leaf that brings it to this many bytes. */
  readonly groupBytes: number
}

/** A group that is ready to be appended: leaves, filter blocks, fence. */
export interface WrittenGroup {
  readonly blocks: readonly BlockInput[]
  /** The same blocks, decoded. */
  readonly pages: readonly Page[]
  readonly separator: Uint8Array
  readonly lastKey: Uint8Array
  readonly leaves: number
  readonly filters: number
  readonly entries: number
  readonly tombstones: number
  /** Payload bytes of all its blocks. */
  readonly bytes: number
}

/**
 * Packs sorted entries into groups: leaves, a filter over all their keys, a fence.
 *
 * Entries come in ascending order, each key once, over the whole life of a writer.
 */
export class GroupWriter {
  readonly #sizes: GroupSizes
  readonly #leaf = new LeafWriter()
  #blocks: BlockInput[] = []
  #pages: Page[] = []
  #leaves: FenceLeaf[] = []
  #hashes = new Int32Array(1024)
  #entries = 0
  #tombstones = 0
  #bytes = 0
  // Not below any key of the leaves and groups before; undefined at the very beginning.
  #before: Uint8Array | undefined
  // Of the leaf that is being written.
  #separator: Uint8Array | undefined

  constructor(sizes: GroupSizes) {
    this.#sizes = sizes
  }

  /** Whether the group has reached its size. */
  get full(): boolean {
    return this.#bytes >= this.#sizes.groupBytes || this.#leaves.length >= LEAVES_MAX
  }

  /** Bytes of the group so far. */
  get bytes(): number {
    return this.#bytes + (this.#leaf.count === 0 ? 0 : this.#leaf.bytes)
  }

  /** The next group follows keys that are not above `last`, and of which none is written by this writer. */
  follow(last: Uint8Array): void {
    this.#before = last
  }

  /** Adds an entry. Its key's hash is computed unless it is known. */
  add(entry: EntryView, hash = hashKey(entry.keyBytes, entry.keyStart, entry.keyEnd)): void {
    if (this.#leaf.count === 0) this.#separator = this.#separate(entry)
    this.#leaf.add(entry)
    if (this.#entries === this.#hashes.length) {
      const larger = new Int32Array(2 * this.#entries)
      larger.set(this.#hashes)
      this.#hashes = larger
    }
    this.#hashes[this.#entries] = hash
    this.#entries += 1
    if (entry.tombstone) this.#tombstones += 1
    if (this.#leaf.bytes >= this.#sizes.leafBytes || !this.#leaf.hasRoom) this.#finishLeaf()
  }

  /** The group of all entries since the last one; undefined when there are none. */
  finish(): WrittenGroup | undefined {
    if (this.#entries === 0) return undefined
    if (this.#leaf.count > 0) this.#finishLeaf()
    const filters = this.#finishFilters()
    const payload = encode(fence, {
      tombstones: this.#tombstones,
      bytes: this.#bytes,
      leaves: this.#leaves,
      filter: filters.inline,
    })
    this.#push(FENCE_KIND, payload, FencePage.decode(payload))
    const group: WrittenGroup = {
      blocks: this.#blocks,
      pages: this.#pages,
      separator: (this.#leaves[0] as FenceLeaf).separator,
      lastKey: this.#leaf.lastKey(),
      leaves: this.#leaves.length,
      filters: filters.blocks,
      entries: this.#entries,
      tombstones: this.#tombstones,
      bytes: this.#bytes,
    }
    this.#reset()
    return group
  }

  #separate({ keyBytes, keyStart, keyEnd }: EntryView): Uint8Array {
    return separatorOf(this.#before, copyWindow(keyBytes, keyStart, keyEnd))
  }

  #finishLeaf(): void {
    const entries = this.#leaf.count
    const payload = this.#leaf.finish()
    this.#leaves.push({ separator: this.#separator as Uint8Array, entries })
    this.#before = this.#leaf.lastKey()
    this.#push(LEAF_KIND, payload, LeafPage.trusted(payload))
  }

  #finishFilters(): { inline: Uint8Array; blocks: number } {
    const bytes = filterBytes(this.#entries)
    if (bytes <= FILTER_INLINE_BYTES_MAX) {
      const inline = new Uint8Array(bytes)
      for (let i = 0; i < this.#entries; i++)
        addToFilter(inline, 0, bytes, this.#hashes[i] as number)
      return { inline, blocks: 0 }
    }
    const partitions = Math.max(1, Math.round(bytes / FILTER_PARTITION_BYTES))
    const size = FILTER_HEADER_BYTES + Math.ceil(bytes / partitions)
    const payloads = Array.from({ length: partitions }, () => new Uint8Array(size))
    for (let i = 0; i < this.#entries; i++) {
      const hash = this.#hashes[i] as number
      const payload = payloads[filterPartition(hash, partitions)] as Uint8Array
      addToFilter(payload, FILTER_HEADER_BYTES, size, hash)
    }
    for (const payload of payloads) {
      payload[0] = FILTER_VERSION
      this.#push(FILTER_KIND, payload, FilterPage.decode(payload))
    }
    return { inline: new Uint8Array(0), blocks: partitions }
  }

  #push(kind: number, payload: Uint8Array, page: Page): void {
    this.#blocks.push({ kind, payload })
    this.#pages.push(page)
    this.#bytes += payload.length
  }

  #reset(): void {
    this.#blocks = []
    this.#pages = []
    this.#leaves = []
    this.#entries = 0
    this.#tombstones = 0
    this.#bytes = 0
  }
}
