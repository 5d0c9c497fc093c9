import type { WaitOptions } from '@datagram/log-core'
import type { RangeBounds } from './key-bounds.ts'

/** A key and its value. Both belong to whoever receives them. */
export type IndexEntry = readonly [key: Uint8Array, value: Uint8Array]

/** Options of {@link OrderedReader.range}. */
export interface RangeOptions extends RangeBounds, WaitOptions {
  /** From the last key to the first; default false. */
  readonly reverse?: boolean | undefined
  /** How many entries at most; default all. */
  readonly limit?: number | undefined
}

/**
 * Entries as they come. Calls may overlap and are answered in order. `return` (a `break` out of
 * `for await` calls it) lets go of what the scan needs.
 */
export interface IndexScan extends AsyncIterableIterator<IndexEntry, undefined> {
  /** As `next`, but the result itself when it is at hand: for callers to whom a promise is dear. */
  nextNow(): IteratorResult<IndexEntry, undefined> | Promise<IteratorResult<IndexEntry, undefined>>
  /** All entries that are at hand, at least one; none at the end. Cheaper than one by one. */
  nextBatch(): Promise<readonly IndexEntry[]>
}

/**
 * Reading side of an ordered map, bytes to bytes. Keys are ordered byte by byte.
 *
 * Waits are for blocks that are not on this machine. `timeoutMs` bounds the wait for each read of the
 * log (default: the log's own 30,000 ms, and about a second when no connected peer has the block).
 *
 * Every method may reject with `BLOCK_UNAVAILABLE` (nobody reachable has the blocks, and there is no
 * newer head), `WAIT_TIMEOUT`, `INDEX_BLOCK_DAMAGED`, `INDEX_FORMAT_UNKNOWN`, `INDEX_CLOSED`.
 */
export interface OrderedReader {
  /** The key's value, or undefined when it has none. */
  get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined>
  /**
   * As {@link get}, but the value itself when memory can tell, and a promise of it only when something has to
   * be read: for callers in a hurry, whom a promise would cost more than the read. What it throws it throws
   * at once, or the promise rejects with it.
   */
  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** The keys' values in their order, of one moment; reads are shared. */
  getMany(keys: readonly Uint8Array[], options?: WaitOptions): Promise<(Uint8Array | undefined)[]>
  /**
   * Entries in the order of their keys, as they are at this call: what is written later does not show.
   * A scan whose blocks its author has dropped meanwhile rejects with `INDEX_SNAPSHOT_GONE`.
   */
  range(options?: RangeOptions): AsyncIterableIterator<IndexEntry, undefined>
}
