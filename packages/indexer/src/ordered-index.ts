import type { BlockRange, ReadableLog, Stamp, WaitOptions } from '@datagram/log-core'
import type { IndexEntry, IndexScan, OrderedReader, RangeOptions } from './ordered-reader.ts'

/** One change of the map. */
export type IndexOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

/** Where operations of {@link Index.apply} come from. */
export interface AppliedAt {
  /** Length of the data log after the frame that holds the operations. Rises from call to call. */
  readonly position: number
  readonly stamp: Stamp
}

/** Options of `openIndex`. Sizes are in bytes, times in milliseconds. */
export interface IndexOptions extends WaitOptions {
  /** Memory for decoded blocks; default 32 MiB. */
  readonly cacheBytes?: number | undefined
  /** A flush begins when the operations in memory reach this; default 4 MiB. */
  readonly flushBytes?: number | undefined
  /** A flush begins when so many positions are not covered; default 2048: what a reader must replay. */
  readonly flushPositions?: number | undefined
  /** Without an operation for so long the index uses the time to flush and to merge; default 250. */
  readonly idleMs?: number | undefined
  /** How long blocks that no head needs any more are kept for remote readers; default 10,000. */
  readonly graceMs?: number | undefined
  /** Runs beside each other before some are merged; default 6. More make writes cheaper, reads dearer. */
  readonly runsMax?: number | undefined
  /** Leaves end at this size; default 8192. Small runs have leaves of half of it. */
  readonly leafBytes?: number | undefined
  /** Groups of leaves, the unit of merging and dropping, end at this size; default 1 MiB. Small runs have smaller ones. */
  readonly groupBytes?: number | undefined
  /**
   * Of somebody else's log: opens the newest state whose head lies below this block and of which every block is here or
   * with a connected peer; where there is none, an empty one.
   */
  readonly below?: number | undefined
}

/** What an index holds and has done. Bytes are payload bytes. */
export interface IndexStats {
  readonly covers: number
  /** Block of the head; −1 when there is none. */
  readonly headBlock: number
  /** Runs that a lookup may have to look into. */
  readonly runs: number
  /** Entries of all runs, tombstones and overwritten ones included. */
  readonly entries: number
  readonly tombstones: number
  /** Blocks that the head names, and their bytes; what a new replica downloads. */
  readonly liveBlocks: number
  readonly liveBytes: number
  /** Blocks that no head needs any more and that are still here. */
  readonly supersededBlocks: number
  /** Operations in memory, and their bytes. */
  readonly memoryOperations: number
  readonly memoryBytes: number
  readonly cacheBytes: number
  /** Since the index was opened: bytes appended, flushes, steps of merges, blocks dropped. */
  readonly appendedBytes: number
  readonly flushes: number
  readonly mergeSteps: number
  readonly droppedBlocks: number
}

/** The map at one moment. Keeps what it needs on this machine until it is closed. */
export interface IndexSnapshot extends OrderedReader {
  range(options?: RangeOptions): IndexScan
  close(): void
  [Symbol.dispose](): void
}

/**
 * An ordered map, bytes to bytes, inside a log.
 *
 * Two ways to write, of which an index takes one. *Journalled*: the caller's data log is the write-ahead
 * log; each of its frames is handed to `apply`, and what `covers` does not reach is applied again after
 * opening. *Alone*: `batch` is durable when it resolves.
 */
export interface Index extends OrderedReader {
  /** The log that holds the index. */
  readonly log: ReadableLog
  readonly writable: boolean
  /** Data-log length up to which operations are in the log; 0 when there is no head. */
  readonly covers: number
  /** What made the last flush, merge or drop in the background fail; undefined once one went well. */
  readonly problem: Error | undefined
  /**
   * Takes a frame's operations into memory, all of them or, when one is refused, none. They are visible
   * at once. A frame that the head covers already changes nothing. Failures in the background do not
   * show here, since the frame is durable already: `ready` tells of them.
   *
   * Throws `INDEX_KEY_TOO_LARGE`, `INDEX_VALUE_TOO_LARGE`, `INDEX_CLOSED`; a `TypeError` when positions
   * do not rise.
   */
  apply(operations: readonly IndexOperation[], at: AppliedAt): void
  /**
   * Resolves when the index can take more: at once, unless flushes and merges are behind. It keeps
   * memory bounded and merges in step, so it is to be awaited before a frame is appended to the data
   * log. Rejects with `problem`, once, and lets the background try again.
   */
  ready(): Promise<void>
  /**
   * Writes operations, all or none; durable as the log's appends are when it resolves. Calls that come
   * together share an append. Rejects with `LOG_NOT_WRITABLE`, `INDEX_KEY_TOO_LARGE`,
   * `INDEX_VALUE_TOO_LARGE`, `INDEX_CLOSED`, or as the log's `append` does.
   */
  batch(operations: readonly IndexOperation[]): Promise<void>
  /** Appends all that is in memory. Rejects as `batch` does. */
  flush(): Promise<void>
  /**
   * Flushes, merges everything into one run, and drops all that no snapshot needs, without grace. On a replica it
   * drops.
   */
  compact(): Promise<void>
  /**
   * Drops all blocks that the head does not need: without grace, and also those that snapshots stand on, whose
   * reads throw from then on.
   */
  dropSuperseded(): Promise<void>
  range(options?: RangeOptions): IndexScan
  snapshot(): IndexSnapshot
  /**
   * On a replica: asks for a newer head and goes on from it; true when there was one. Applied operations
   * that it covers are dropped from memory. The index may also do so on its own, when a read finds that
   * the author has dropped blocks. On an index of one's own there is nothing to do.
   */
  update(options?: WaitOptions): Promise<boolean>
  /** The blocks that the head names, itself included: what a replica downloads to have it all. */
  liveRanges(): BlockRange[]
  /** The entries of a range at once when memory has them all, else undefined: `range` reads what is missing. */
  rangeNow(options?: RangeOptions): readonly IndexEntry[] | undefined
  stats(): IndexStats
  /**
   * Ends the background's work and, when readers would have much to replay, flushes. Snapshots and scans
   * end with `INDEX_CLOSED`. Idempotent. The log stays open.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
