import type { Block, BlockInput } from './envelope.ts'
import type { WaitOptions } from './waits.ts'

/** How safe an append is when its promise resolves. */
export type Durability =
  /** Survives the death of the process (the operating system has the bytes). The default. */
  | 'process'
  /** Survives the loss of power: the engine's write-ahead log was fdatasync'ed. */
  | 'disk'

/** Half-open range of block indexes, `start` included, `end` not. */
export interface BlockRange {
  readonly start: number
  readonly end: number
}

/** How far a download is. Counted of what is wanted: blocks that were here before count as done. */
export interface DownloadProgress {
  readonly blocksDone: number
  readonly blocksWanted: number
  /** Payload bytes that arrived during this call. */
  readonly bytesReceived: number
}

export interface DownloadOptions extends WaitOptions {
  /** What is wanted; default: the whole log as it is now. What is forgotten is not, in either case. */
  readonly ranges?: readonly BlockRange[]
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /**
   * Given: the download goes without blocks that no connected peer has any more. Each of them, and each that went
   * meanwhile, has to disclaim a block (see {@link ReadableLog.disclaim}), for a second, so that others may come; what is
   * given here was found to be so before, and is not waited for again. Omitted: such a block is
   * `BLOCK_UNAVAILABLE`, as one is that a peer has merely not fetched yet.
   */
  readonly without?: readonly BlockRange[] | undefined
}

/** Reading side of a log; all that a reader's index or stream needs. */
export interface ReadableLog extends AttachableLog {
  /** The log's public key, 32 bytes: proves every block, and is the capability to ask for them. */
  readonly key: Uint8Array
  /** Hash of the key that names the log without giving the capability, 32 bytes. */
  readonly discoveryKey: Uint8Array
  /** Blocks that the log is known to have, here or elsewhere. */
  readonly length: number
  readonly writable: boolean
  /** Why this log is read-only though it is ours (`LOG_ROLLED_BACK`), or undefined. */
  readonly problem: Error | undefined
  /**
   * One block, decrypted and taken out of its envelope. A block that is not here is asked of the
   * connected peers.
   *
   * Throws `BLOCK_OUT_OF_RANGE` (index ≥ length), `BLOCK_UNAVAILABLE` (no connected peer has it; said
   * at once when all have told what they have, else within about a second), `BLOCK_FORGOTTEN`, `WAIT_TIMEOUT`
   * (default 30,000 ms), `BLOCK_KEY_WRONG`, `BLOCK_DAMAGED`, `LOG_CLOSED`.
   */
  get(index: number, options?: WaitOptions): Promise<Uint8Array>
  /** As {@link get}, with the envelope's kind, stamp, writer and batch marker. */
  getBlock(index: number, options?: WaitOptions): Promise<Block>
  /** Many blocks asked for at once: one round trip, not one each. Same order as `indexes`. */
  getBlocks(indexes: readonly number[], options?: WaitOptions): Promise<Block[]>
  /** Whether the block is on this machine. */
  has(index: number): Promise<boolean>
  /** The blocks of a range that are on this machine, as ascending ranges that do not touch. */
  here(range: BlockRange): BlockRange[]
  /**
   * The blocks of a range that can be read now: those that are here, and those that a connected peer says it
   * has. Peers that are replicas know of lengths whose blocks they do not have. Waits for what peers have to
   * say, about a second at most.
   */
  reachable(range: BlockRange, options?: WaitOptions): Promise<BlockRange[]>
  /** Blocks that are not here, not forgotten, and that a connected peer has said to have, in order; at most `limit` of them. */
  obtainable(limit: number): BlockRange[]
  /** Whether every block of its length is here. */
  readonly isWhole: boolean
  /** Bytes of the blocks that are here, sealed as they are; of all of them, or of some ranges. */
  heldBytes(ranges?: readonly BlockRange[]): Promise<number>
  /** Bytes of the blocks of some ranges, here or elsewhere, sealed as they are; less where it is not known of all. */
  bytesOf(ranges: readonly BlockRange[]): Promise<number>
  /** Blocks in order, read ahead in windows; the range defaults to the whole log. */
  range(options?: Partial<BlockRange> & WaitOptions): AsyncGenerator<Block, void, undefined>
  /**
   * Brings the wanted blocks here. Resolves when all of them are, with those that it went `without`. Idle limit
   * `timeoutMs`: 30,000.
   */
  download(options?: DownloadOptions): Promise<readonly BlockRange[]>
  /** Asks the connected peers for a newer length; true when there was one. Default `timeoutMs` 10,000. */
  update(options?: WaitOptions): Promise<boolean>
  /** Drops the local copy of the blocks; they may be fetched again. Survivors stay servable. */
  evict(range: BlockRange): Promise<void>
  /**
   * Drops the local copy of the blocks, and never asks for them again, whoever offers them, while the log is
   * open: reading one throws `BLOCK_FORGOTTEN`, and downloads pass over it. The range may reach beyond what is
   * here. What was forgotten has to be said again each time that the log is opened.
   */
  forget(range: BlockRange): Promise<void>
  /** Lets blocks that were forgotten be fetched again, and takes back what {@link disclaim} said of them. */
  recall(range: BlockRange): void
  /**
   * Tells the connected peers, and those that come while the log is open, that these blocks are not here and are not to
   * be expected from here: forgotten on this machine alone, or found to be with nobody. A peer that merely lacks a
   * block does not say so.
   */
  disclaim(range: BlockRange): void
  /** The blocks that are forgotten, as ascending ranges. */
  readonly forgotten: readonly BlockRange[]
  /** How many of the connected peers say that they have the block. */
  holders(index: number): number
  /**
   * How many of the connected peers have any block of a range: those who have it all, and those who have a
   * part. Waits for what they have to say, about a second at most; also of a log of one's own.
   */
  holdersOf(range: BlockRange, options?: WaitOptions): Promise<number>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A log that may also be appended to, when `writable`. */
export interface Log extends ReadableLog {
  /** How safe an append is once it is acknowledged: as the store was opened. Absent: `process`. */
  readonly durability?: Durability
  /**
   * Appends blocks (plain bytes have kind 0), all or none: they become visible together, here and on every replica. Calls made
   * while an append is in flight are gathered into the next one (group commit), each still atomic.
   *
   * Resolves with the index of the first block, once the blocks are as safe as `durability` says.
   * Throws `LOG_NOT_WRITABLE`, `LOG_ROLLED_BACK`, `BLOCK_TOO_LARGE` (over 8 MiB), `DISK_FULL`,
   * `LOG_LENGTH_DIFFERS` (see {@link AppendOptions.at}), `LOG_CLOSED`.
   */
  append(
    blocks: BlockInput | Uint8Array | readonly (BlockInput | Uint8Array)[],
    options?: AppendOptions,
  ): Promise<number>
}

/** Options of {@link Log.append}. */
export interface AppendOptions {
  /**
   * The index that the first block has to get; where it would get another, nothing is appended
   * (`LOG_LENGTH_DIFFERS`). Default: any. Who appends one thing in several calls and does not wait between them
   * says it, so that none is there without those before it.
   */
  readonly at?: number | undefined
}

/**
 * A Protomux (package `protomux`) whose stream is a Noise stream. Structural, since protomux ships no
 * types; any Protomux fits as it is.
 */
export interface Muxer {
  readonly stream: { readonly opened: Promise<unknown> }
  getLastChannel(filter: {
    readonly protocol: string
    readonly id: Uint8Array
  }): MuxerChannel | null
}

/** One channel of a {@link Muxer}. */
export interface MuxerChannel {
  close(): void
}

/** What a connection needs of a log. */
export interface AttachableLog {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  readonly length: number
  /** Bytes of all its blocks, sealed as they are, here or elsewhere. */
  readonly byteLength: number
  /**
   * Hash of its Merkle tree, 32 bytes: of two histories of one length it is another. Absent where it is not to be
   * compared.
   */
  readonly treeHash?: Uint8Array
  /**
   * Replicates the log over a Protomux whose stream is a Noise stream. Attach only for a peer that has
   * proved to know the key: a wrong capability on a log's own channel costs the peer its connection.
   * Attaching twice to the same muxer is one attachment.
   */
  attach(muxer: Muxer): LogAttachment
  /** Whether a read waits for blocks of peers now. */
  readonly isAwaited: boolean
  /** Calls back after the length grew (an own append, or news of a remote one); returns the undo. */
  onAppend(listener: () => void): () => void
  /**
   * Calls back when a peer has proved that the log's key has signed another history than the one that is here, before
   * the log is closed for it; returns the undo. Absent where that is not looked for.
   */
  onForked?(listener: (news: ForkNews) => void): () => void
  /** From now on `supplier` brings peers to this log when they are needed; returns the undo. */
  supplyFrom(supplier: LogSupplier): () => void
}

/** That a second history of a log was seen. */
export interface ForkNews {
  /** Length, in blocks, at which the two differ at the latest. */
  readonly length: number
  /** The key that the peer who has shown it gave in the handshake, 32 bytes; undefined where nobody did. */
  readonly from: Uint8Array | undefined
}

/** Who brings peers to a log that is attached only while it is needed: a multiplexer. */
export interface LogSupplier {
  /** A read begins to wait for blocks that are not here. */
  wanted(): void
  /** Whether a connected peer is being attached, and has not answered yet. */
  readonly isComing: boolean
  /** Resolves when the connected peers have told how long their logs are now. Never rejects. */
  refresh(): Promise<void>
}

/** A log's replication over one connection. */
export interface LogAttachment {
  /** Ends it: the log's channels on that connection are closed too. */
  detach(): Promise<void>
}
