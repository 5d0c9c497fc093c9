import type { IndexEntry, OrderedReader, RangeOptions } from '@datagram/indexer'
import type { DownloadProgress, Durability, Stamp, WaitOptions } from '@datagram/log-core'
import type { DescriptorRecord } from './descriptor-record.ts'
import type { StreamDescriptor, TypeQuery } from './stream-descriptor.ts'
import type { StreamType } from './stream-type.ts'
import type { EntryRange, ObjectRange, Target, TargetStatus } from './target.ts'
import type { Where } from './where.ts'

/**
 * Which object of a stream is meant. It holds for good: where the body lies now is for the table of
 * contents to say, so that a body can be moved without anything that points at it being rewritten.
 */
export interface Pointer {
  /** Number of the object in its stream: 0, 1, 2, … in the order in which they were appended. */
  readonly n: number
  /** Bytes of its body. */
  readonly size: number
}

/** Part of a body: half-open, in bytes; `end` beyond the body is its end. */
export interface ReadOptions extends WaitOptions {
  /** First byte; default 0. */
  readonly start?: number | undefined
  /** One after the last byte; default the body's size. */
  readonly end?: number | undefined
}

/** Which part of a value, and where its bytes go. */
export interface PartOptions extends ReadOptions {
  /** Holds them from its beginning on, and the result is a view of it. Default: memory of their own. */
  readonly into?: Uint8Array | undefined
}

/** One object of a stream, as the table of contents has it. Its body is read when it is asked for. */
export interface StreamObject extends Pointer {
  /** Number of its descriptor in this stream; 0 is plain bytes. */
  readonly descriptor: number
  /** Block of the data log that its body lies in, or begins in; undefined when it was forgotten. */
  readonly block: number | undefined
  /** Whether it was forgotten: its number and size are all that is left of it. */
  readonly forgotten: boolean
  /** The body, or a part of it. Throws `OBJECT_FORGOTTEN`. */
  read(options?: ReadOptions): Promise<Uint8Array>
  /** The body, or a part of it, in pieces of at most a block. */
  stream(options?: ReadOptions): AsyncIterable<Uint8Array>
}

/** Which objects: a half-open range of numbers, and what they are. */
export interface ObjectsOptions extends WaitOptions {
  /** First number; default 0. */
  readonly from?: number | undefined
  /** One after the last number; default the count. */
  readonly to?: number | undefined
  /** Name of their type, or a descriptor with that name; default: any, plain bytes too. */
  readonly type?: TypeQuery | undefined
  /** Conditions on indexed fields, all of which hold; default none. */
  readonly where?: Where | undefined
}

/** Options of {@link InterfaceStream.download}. `timeoutMs`: how long nothing may arrive; default 30,000. */
export interface ObjectsDownloadOptions extends WaitOptions {
  /** Progress, counted in blocks of the data log. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** What one operation of a committed transaction did. */
export type ChangeOperation =
  | {
      readonly type: 'put'
      readonly key: Uint8Array
      /** Bytes of the value. */
      readonly size: number
      /** The value that was put; a large one is fetched. */
      readonly read: (options?: ReadOptions) => Promise<Uint8Array>
    }
  | { readonly type: 'del'; readonly key: Uint8Array }
  | { readonly type: 'object'; readonly object: StreamObject }

/**
 * A state that one key space of a stream was in: after the first `transactions` of the append that comes
 * next after `position`, counted of those that touched the key space. It holds for good.
 */
export interface Moment {
  /** A length of the data log. */
  readonly position: number
  /** 0, unless the append holds several transactions and this is between two of them. */
  readonly transactions: number
}

/** One committed transaction, as far as it touched the interface's own key space. */
export interface Change {
  /** Length of the data log once it was committed. `changes({ from })` goes on after it. */
  readonly position: number
  /** The moment after it, exact also where transactions share an append. */
  readonly moment: Moment
  readonly stamp: Stamp
  /** Number of its writer in the stream's header. */
  readonly writer: number
  readonly operations: readonly ChangeOperation[]
}

export interface ChangesOptions {
  /** Position or moment to begin after: 0 for everything since the beginning; default now. */
  readonly from?: number | Moment | undefined
  readonly signal?: AbortSignal | undefined
}

/** Which past transactions: those after `from`, up to and with `to`. */
export interface PastOptions extends WaitOptions {
  /** Default the beginning. */
  readonly from?: Moment | undefined
  /** Default now. */
  readonly to?: Moment | undefined
  /** The newest first; default false. */
  readonly reverse?: boolean | undefined
}

/** The entries of a key space. Values are the receiver's to keep. */
export interface EntryReader extends OrderedReader {
  /** Whether there is an entry; its value is not fetched. */
  has(key: Uint8Array, options?: WaitOptions): Promise<boolean>
  /** As `get`, a part of the value: of a large one only the blocks that the part lies in are fetched. */
  getPart(key: Uint8Array, options?: PartOptions): Promise<Uint8Array | undefined>
  /** As `range`, the keys alone; no value is fetched. */
  keys(options?: RangeOptions): AsyncIterableIterator<Uint8Array, undefined>
}

/** The committed entries, which also give ranges at once: for those who must not wait. */
export interface LiveReader extends EntryReader {
  /** The entries of a range when memory has them all, else undefined: `range` reads what is missing. */
  rangeNow(options?: RangeOptions): readonly IndexEntry[] | undefined
}

/** The stream's entries as they were at one moment. */
export interface StreamSnapshot extends EntryReader {
  /** Lets go of what the snapshot holds; reads then throw `SNAPSHOT_CLOSED`. Idempotent. */
  close(): void
  [Symbol.dispose](): void
}

/** How a stream stands. */
export interface StreamStatus {
  readonly writable: boolean
  /** How safe a write is once it has resolved: as the store was opened. */
  readonly durability: Durability
  /** Blocks of the data log that are known. */
  readonly dataLength: number
  /** Blocks of the index log that are known. */
  readonly indexLength: number
  /** Length of the data log that reads show. */
  readonly position: number
  /** Length of the data log that the index on disk covers; the rest is replayed on open. */
  readonly covers: number
  /** Writes that were called and have not been committed. */
  readonly pendingWrites: number
}

/** What an interface sees of its stream: its own key space, and the stream's objects. */
export interface InterfaceStream {
  /** Name of the stream, as it was opened. */
  readonly name: string
  /** Whether {@link write} may be used. */
  readonly writable: boolean
  /** Aborted when the stream begins to close; its reason is the `STREAM_CLOSED` error. */
  readonly signal: AbortSignal
  /** The committed entries of this interface's own key space. */
  readonly index: LiveReader
  /**
   * Runs `fn` and commits what it put, deleted and appended: one frame, one append, all or nothing. A
   * throw writes nothing and is thrown on as it is.
   *
   * Calls are serialised per stream: each sees what the earlier ones did, also what is not yet appended.
   * What arrives while an append is in flight goes into the next. Resolves with the result of `fn` once
   * the append is acknowledged. `signal` and `timeoutMs` bound the wait for its turn; a transaction that
   * has begun is carried through.
   *
   * A `write` inside `fn` would wait for itself: use {@link Transaction.join}.
   *
   * Throws `STREAM_NOT_WRITABLE`, `STREAM_CLOSED`, `TRANSACTION_TOO_LARGE`, and what the log's append
   * throws: then nothing of this transaction is visible, nor of any that began before the failure was
   * known.
   */
  write<T>(fn: (tx: Transaction) => T | Promise<T>, options?: WaitOptions): Promise<T>
  /**
   * Appends one object in a transaction of its own: `write((tx) => tx.append(data, descriptor))`. Throws
   * what those throw, and what the descriptor does for data that does not fit it (`DATA_INVALID`).
   */
  add<T>(descriptor: StreamDescriptor<T, unknown>, data: T, options?: WaitOptions): Promise<Pointer>
  /** The n-th object of the stream, or undefined. */
  at(n: number, options?: WaitOptions): Promise<StreamObject | undefined>
  /** How many objects the stream has. */
  count(options?: WaitOptions): Promise<number>
  /**
   * The stream's objects in order, out of the table of contents and, with `where`, the index of fields: no
   * body is fetched. With `where` it takes memory for the numbers of those that fit.
   *
   * Throws `FIELD_NOT_INDEXED`: a type that was asked for has such a field, and no index of it.
   */
  objects(options?: ObjectsOptions): AsyncIterable<StreamObject>
  /**
   * Brings the bodies of these objects here, by pointer or number, and nothing else: the blocks that they
   * lie in. What a replica has already costs nothing. Throws `OBJECT_NOT_FOUND`, and what downloading from
   * a log throws (`BLOCK_UNAVAILABLE`, `WAIT_TIMEOUT`).
   */
  download(
    objects: Iterable<number | Pick<Pointer, 'n'>>,
    options?: ObjectsDownloadOptions,
  ): Promise<void>
  /** The types of the objects that the stream has had, by number. */
  types(options?: WaitOptions): Promise<readonly StreamType[]>
  /** The type with this number; undefined for 0, plain bytes, and for one that the stream does not have. */
  type(number: number, options?: WaitOptions): Promise<StreamType | undefined>
  /** What the stream keeps of the descriptor with this number, or undefined. 0 is plain bytes. */
  descriptor(number: number, options?: WaitOptions): Promise<DescriptorRecord | undefined>
  /** The body of an object, or a part of it: only the blocks it lies in are fetched. `OBJECT_NOT_FOUND`. */
  read(pointer: Pick<Pointer, 'n'>, options?: ReadOptions): Promise<Uint8Array>
  /** As {@link read}, in pieces of at most a block. */
  readStream(pointer: Pick<Pointer, 'n'>, options?: ReadOptions): AsyncIterable<Uint8Array>
  /**
   * Committed transactions that touched this interface's key space, each once and in order; on a replica
   * as they arrive: there it waits for blocks that no connected peer has. When one is given, reads show it
   * already. It is read out of the log as the caller goes on, so a slow one costs no memory. Ends by
   * throwing `STREAM_CLOSED` or the signal's reason; on a stream of one's own also `BLOCK_UNAVAILABLE`,
   * where the log has lost what was asked for.
   */
  changes(options?: ChangesOptions): AsyncIterable<Change>
  /**
   * Committed transactions that touched this interface's key space, out of the data log as it is now; then
   * it ends. The log is read as far as the caller goes, in windows of at most 64 blocks, and newest first
   * without the chunks of large bodies.
   *
   * Throws `MOMENT_UNAVAILABLE` for a bound that is not known here, and `BLOCK_UNAVAILABLE` where the log
   * has lost what it once had.
   */
  past(options?: PastOptions): AsyncIterable<Change>
  /** The moment that reads show now. */
  moment(): Moment
  /**
   * This interface's entries as they were at `moment`, for as long as the snapshot is open. The data log is
   * read backwards from its end to the moment, and on until each key that changed since has been found:
   * to its beginning when one of them was new. Memory: those keys, with values of up to 1 KiB.
   *
   * Throws `MOMENT_UNAVAILABLE` when the moment is not known here or never was, or when entries that were
   * written before it were forgotten after it, and `BLOCK_UNAVAILABLE` where the log has lost what it once had.
   */
  checkout(moment: Moment, options?: WaitOptions): Promise<StreamSnapshot>
  /** This interface's entries as they are now, for as long as the snapshot is open. */
  snapshot(): StreamSnapshot
  /** Says what the stream keeps of what is overwritten; nothing on a replica. It is not stored: say it at each open. */
  retain(policy: Retain | undefined): void
  /**
   * Forgets objects, and entries of this interface with every value that they ever had, here and on every
   * replica, for good: one by one, or all of a range, those too that were deleted before. Resolves when nothing
   * of them is left in the blocks that are here; the store's `compact` then takes them off the disk. Forgetting
   * what is not there does nothing.
   *
   * The first call reads every frame of the data log once, later ones those that hold what is forgotten, and
   * what was written since; a range of keys reads all. Each writes the index anew: forget several things in one
   * call. Throws as {@link write} does, and a TypeError for what is no target.
   *
   * On a replica this machine forgets alone: its copies go, and do not come back whoever has them, until
   * {@link refetch}. Reading them throws `FORGOTTEN_HERE`, or `OBJECT_FORGOTTEN` once the stream was opened anew.
   * It reads every frame that is here. Throws `FORGET_NEEDS_AUTHOR` for what lies in the index (values up to
   * 1 KiB), and for what was written a moment ago and the index does not cover yet.
   */
  forget(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void>
  /**
   * Drops this machine's copies; reading them fetches them again. What shares a block with them goes along, on
   * a replica; of a stream of one's own only bodies and values of more than 64 KiB go, and only those that a
   * connected peer has: throws `COPY_ONLY_HERE`. What lies in the index stays, and what it does not cover yet.
   */
  evict(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void>
  /**
   * Brings back what this machine has forgotten alone, as its author has it now; what its author forgot does not
   * come back. Throws `BLOCK_UNAVAILABLE` when no connected peer has it, and all stays as it was.
   */
  refetch(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void>
  /** Moves to the newest state that is known here or to a connected peer; true when it moved. */
  update(options?: WaitOptions): Promise<boolean>
  /**
   * Gives an object a later version, in a transaction of its own: see {@link Transaction.update}. Its number stays;
   * `read`, `at` and `objects` give the new one, `history` all that are kept. With `previous: 'forget'` the
   * versions before are forgotten, here and on every replica, soon after it resolves.
   */
  update<T>(
    target: Pick<Pointer, 'n'>,
    value: T | Uint8Array | string,
    options?: UpdateOptions<T>,
  ): Promise<Pointer>
  /**
   * The versions of an object, out of the data log as it is at the call, the oldest first; forgotten ones are
   * there without their bodies, or not at all. The log is read as far as the caller goes, without bodies in
   * blocks of their own.
   */
  history(target: Pick<Pointer, 'n'>, options?: ObjectHistoryOptions): AsyncIterable<ObjectVersion>
  status(): StreamStatus
  /**
   * Whether an object or entry is here, and how many connected peers still have it: asks them, about a second
   * at most. Undefined when there is none; of a key that its author forgot not even that is known.
   */
  status(target: Target, options?: WaitOptions): Promise<TargetStatus | undefined>
}

/** What becomes of what a write replaces. */
export interface PreviousOptions {
  /**
   * `keep` (the default): it goes when the stream's {@link Retain} says so. `forget`: every earlier value of the
   * key is forgotten, here and on every replica; after a `del`, the key too.
   */
  readonly previous?: 'keep' | 'forget' | undefined
}

/** How an entry is set. */
export interface PutOptions extends PreviousOptions {
  /**
   * Whether the value is copied at once; default true. With false the caller leaves its bytes alone until the
   * write has settled, which saves large values a trip through memory.
   */
  readonly copy?: boolean | undefined
}

/**
 * What is kept of what was overwritten, deleted or is not needed any more: all of it (the default), the newest
 * `versions` of each key, what was written in the last `days`, or only the latest. What goes is dropped from the
 * disk and from every replica in the background, in bounded steps, at the latest by `compact`.
 */
export type Retain = 'all' | 'latest' | { readonly versions: number } | { readonly days: number }

/** Options of an update. */
export interface UpdateOptions<T = unknown> extends PreviousOptions, WaitOptions {
  /** What the new version is; default plain bytes, or UTF-8 text. */
  readonly descriptor?: StreamDescriptor<T, unknown> | undefined
}

/** One version of an object. */
export interface ObjectVersion {
  /** When it was written, by its writer's clock. */
  readonly stamp: Stamp
  readonly object: StreamObject
}

/** Options of {@link InterfaceStream.history}. */
export interface ObjectHistoryOptions extends WaitOptions {
  /** The newest first; default false. */
  readonly reverse?: boolean | undefined
}

/** One atomic change of a stream. It ends when the function that it was given to settles. */
export interface Transaction extends EntryReader {
  /** Sets an entry. The key is copied, and so is the value. Throws `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`. */
  put(key: Uint8Array, value: Uint8Array, options?: PutOptions): void
  /** Removes an entry; one that is not there is no error. Throws `KEY_TOO_LARGE`. */
  del(key: Uint8Array, options?: PreviousOptions): void
  /** Appends an object of plain bytes, or of UTF-8 text. The body is copied. Throws `VALUE_TOO_LARGE`. */
  append(body: Uint8Array | string): Pointer
  /**
   * Appends an object that `descriptor` describes; the stream keeps its definition, and an index of the
   * fields that it marks with `index`. Throws `DESCRIPTOR_CONFLICT`: the stream has another definition of
   * this name and version.
   */
  append<T>(value: T, descriptor: StreamDescriptor<T, unknown>): Pointer
  /**
   * Gives an object a later version: reading its number gives that from then on. The version before is kept as
   * the stream's {@link Retain} says, or forgotten. Await it. Throws `OBJECT_NOT_FOUND`, `VALUE_TOO_LARGE`, and
   * what the descriptor does.
   */
  update<T>(
    target: Pick<Pointer, 'n'>,
    value: T | Uint8Array | string,
    options?: Omit<UpdateOptions<T>, keyof WaitOptions>,
  ): Promise<Pointer>
  /**
   * Says that an object is not needed any more: its interface points at it no longer. Its body is kept as long
   * as the stream's {@link Retain} keeps what this transaction overwrites; then the object is forgotten.
   */
  drop(pointer: Pick<Pointer, 'n'>): void
  /**
   * Forgets an object's body, or an entry with every value that it ever had (and removes it), whatever the
   * stream retains: here and on every replica, for good. `write` resolves when that is certain to happen, also
   * after a crash; the stream's `forget` waits until it is done here.
   */
  forget(target: Target): void
  /**
   * As {@link forget}, every entry of a range of keys, those too that were deleted before; or every object of a range
   * of numbers.
   */
  forgetRange(range: EntryRange | ObjectRange): Promise<void>
  /**
   * Makes the writes that `fn` begins part of this transaction: those of another interface of the same
   * stream (`requires`), or of this one. They must be called before `fn` first awaits. When one of them
   * fails, the whole transaction does.
   */
  join<T>(fn: () => T): T
}
