import type { Index } from '@datagram/indexer'
import type { BlockRange, DownloadProgress, Log, WaitOptions } from '@datagram/log-core'
import type { DropListener } from './drop-listeners.ts'
import type { StreamHeader } from './header.ts'
import type { BlockReader } from './kept-blocks.ts'
import type { InterfaceStream, StreamStatus } from './interface-stream.ts'

/** Options of {@link Stream.download}. */
export interface StreamDownloadOptions extends WaitOptions {
  /** Progress of both logs together, counted of what is wanted. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** An open stream: its interface, its logs, and what a container does with them. */
export interface Stream<Api extends object = object> {
  /** Name under which it was opened. */
  readonly name: string
  /** Name of its interface. */
  readonly type: string
  readonly header: StreamHeader
  readonly writable: boolean
  /** The opened interface. Every use of it after close is refused with `STREAM_CLOSED`. */
  readonly api: Api
  /** The stream as its own interface sees it. */
  readonly main: InterfaceStream
  readonly data: Log
  /** The data log as it reads: where something was forgotten, what stands for it. */
  readonly blocks: BlockReader
  readonly indexLog: Log
  /** The whole index, all key spaces, as it is stored: for care and checking. */
  readonly index: Index
  /** Moves to the newest state of the connected peers; true when it moved. Default limit 10,000 ms. */
  update(options?: WaitOptions): Promise<boolean>
  /**
   * Brings here all that is wanted of both logs. Resolves when it is, with the blocks of the data log that it went
   * without: every connected peer says that it has forgotten them alone, or found that nobody has them. Idle limit
   * `timeoutMs`: 30,000.
   */
  download(options?: StreamDownloadOptions): Promise<readonly BlockRange[]>
  status(): StreamStatus
  /** Calls back when blocks of the data log were dropped for good, and is awaited; returns the undo. */
  onDropped(listener: DropListener): () => void
  /**
   * Drops what the stream does not retain, and what its index does not need: nothing waits for the background.
   * The store's `compact` then gives the bytes back to the disk. On a replica there is nothing to do.
   */
  compact(): Promise<void>
  /**
   * Closes the interface (its `close` hook), commits the writes that have finished, refuses the others,
   * and closes the index. The logs are their opener's to close. Idempotent.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
