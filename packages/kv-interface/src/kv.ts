import type { PreviousOptions, Retain, Stamp, TargetStatus, WaitOptions } from '@datagram/stream'
import type { Encoding, Input } from './encoding.ts'
import type { JsReply } from './redis/js-reply.ts'
import type { RedisStore } from './redis/redis.ts'
import type { RedisArgument } from './redis/redis-argument.ts'

/** How keys and values are written. An encoding is not stored: open with the one that was written with. */
export interface KvOptions<K = string, V = string> {
  /** Default `utf8`. */
  readonly keyEncoding?: Encoding<K> | undefined
  /** Default `utf8`. */
  readonly valueEncoding?: Encoding<V> | undefined
  /**
   * What is kept of values that were overwritten or deleted: `'all'` (the default), the newest `{ versions }` of
   * each key, those of the last `{ days }`, or only the `'latest'`. What goes is dropped in the background, here
   * and on every replica. It is not stored: give it each time the map is opened to be written.
   */
  readonly retain?: Retain | undefined
}

/** When a {@link Kv.set} is carried out; otherwise it changes nothing and gives false. */
export type SetCondition<V> =
  /** There is no value yet. */
  | 'absent'
  /** There is a value. */
  | 'present'
  /** The value is this one, byte for byte. */
  | { readonly equals: Input<V> }

/** Options of a write. */
export interface KvWriteOptions extends WaitOptions, PreviousOptions {}

export interface SetOptions<V> extends KvWriteOptions {
  readonly if?: SetCondition<V> | undefined
}

/** One operation of a {@link Kv.batch}. */
export type KvOperation<K, V> =
  | { readonly type: 'set'; readonly key: Input<K>; readonly value: Input<V> }
  | { readonly type: 'del'; readonly key: Input<K> }

/** Which keys. Bounds are keys; the order is that of their bytes. */
export interface KeyRangeOptions<K> {
  readonly gt?: Input<K> | undefined
  readonly gte?: Input<K> | undefined
  readonly lt?: Input<K> | undefined
  readonly lte?: Input<K> | undefined
  /** Only keys that begin with it. With the encodings `utf8` and `binary`. */
  readonly prefix?: Input<K> | undefined
}

/** Which entries, and in which order. */
export interface EntriesOptions<K> extends WaitOptions, KeyRangeOptions<K> {
  /** From the last to the first; default false. */
  readonly reverse?: boolean | undefined
  /** How many at most; default all. */
  readonly limit?: number | undefined
}

/**
 * A version of a map: an opaque string that holds for good, here and on every replica. The same version is
 * the same string; they have no order.
 */
export type KvVersion = string

/** How {@link Kv.watch} begins, and of which keys. */
export interface WatchOptions<K> {
  /** Only keys that begin with it; default all. With the encodings `utf8` and `binary`. */
  readonly prefix?: Input<K> | undefined
  /** Version to begin after, such as the one of the last change that was seen; default the present. */
  readonly from?: KvVersion | undefined
  /** Ends it: the next step then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** One change, as a write made it. Those of one batch have the same version. */
export type KvChange<K, V> =
  | { readonly type: 'set'; readonly key: K; readonly value: V; readonly version: KvVersion }
  | { readonly type: 'del'; readonly key: K; readonly version: KvVersion }

/** Which past values of a key, and in which order. */
export interface HistoryOptions extends WaitOptions {
  /** The newest first; default false. */
  readonly reverse?: boolean | undefined
  /** How many at most; default all. */
  readonly limit?: number | undefined
}

/** What a write made of one key, when, and the version of the map after it. */
export type KvPastValue<V> = {
  readonly version: KvVersion
  /** When it was written, by its writer's clock. Writes that were under way together may share it. */
  readonly stamp: Stamp
} & ({ readonly type: 'set'; readonly value: V } | { readonly type: 'del' })

/** A key whose value differs between two versions; undefined where it had none. */
export interface KvDifference<K, V> {
  readonly key: K
  readonly before: V | undefined
  readonly after: V | undefined
}

/** Reading an ordered map, the live one or one as it was. */
export interface KvReader<K = string, V = string> {
  get(key: Input<K>, options?: WaitOptions): Promise<V | undefined>
  /** The value's bytes as they are stored. */
  getBuffer(key: Input<K>, options?: WaitOptions): Promise<Uint8Array | undefined>
  /** The values of the keys, in their order; asked for together. */
  getMany(keys: readonly Input<K>[], options?: WaitOptions): Promise<(V | undefined)[]>
  /** Whether there is a value; it is not fetched. */
  has(key: Input<K>, options?: WaitOptions): Promise<boolean>
  /** The entries in the order of their keys, as they are at this call. */
  entries(options?: EntriesOptions<K>): AsyncIterableIterator<[K, V], undefined>
  /** As {@link entries}, the keys alone; no value is fetched. */
  keys(options?: EntriesOptions<K>): AsyncIterableIterator<K, undefined>
  /** As {@link entries}, the values alone. */
  values(options?: EntriesOptions<K>): AsyncIterableIterator<V, undefined>
}

/**
 * A map as it was at one version. While it is open, the index keeps what it needs, so close it: by
 * `close()`, or `using`. Its reads then throw `SNAPSHOT_CLOSED`, and `STREAM_CLOSED` once the stream is.
 */
export interface KvSnapshot<K = string, V = string> extends KvReader<K, V> {
  /** The version that it shows. */
  readonly version: KvVersion
  /** Lets go of what it holds; idempotent. */
  close(): void
  [Symbol.dispose](): void
}

/**
 * An ordered map of keys and values, kept in a stream. Keys of up to 4,096 bytes, values of up to 128 MiB;
 * empty ones are keys and values like any other. Absence is `undefined`.
 *
 * Every write resolves once it is in the data log. Writes are carried out in the order in which they were
 * called, and a read shows every write that has resolved. What waits takes `{ signal, timeoutMs }`.
 *
 * Keys and values that do not fit their encoding are a TypeError. Every method throws `STREAM_CLOSED`
 * after close, writes throw `STREAM_NOT_WRITABLE` on a replica, `KEY_TOO_LARGE` and `VALUE_TOO_LARGE`,
 * reads `KEY_UNREADABLE` and `VALUE_UNREADABLE` for what another encoding wrote; and what the stream throws.
 */
export interface Kv<K = string, V = string> extends KvReader<K, V> {
  /**
   * Redis' data model in the same stream: keys of its own beside those of the map, so neither sees the
   * other's. Numbered databases, types, expiry, transactions.
   */
  readonly redis: RedisStore
  /** Carries out a Redis command by its name: `kv.call('HSET', 'user:1', 'name', 'Ada')`. */
  call(name: string, ...args: readonly RedisArgument[]): Promise<JsReply>
  /** Sets a value. False when a condition was given and did not hold; nothing was written then. */
  set(key: Input<K>, value: Input<V>, options?: SetOptions<V>): Promise<boolean>
  /** Removes the keys in one step; how many of them were there. */
  del(...keys: readonly Input<K>[]): Promise<number>
  /** Carries out all operations in order, or none: no reader, here or elsewhere, sees half of it. */
  batch(operations: readonly KvOperation<K, V>[], options?: KvWriteOptions): Promise<void>
  /**
   * Forgets keys for good: their values, all that they ever had, and the keys themselves. Nothing of them is left
   * in the blocks that are here when it resolves, and the replicas follow; the store's `compact` takes them off
   * the disk. Reads of snapshots that are open then throw `INDEX_SNAPSHOT_GONE`, and versions that had it
   * `VERSION_UNAVAILABLE`. Each call writes the index anew: forget several keys in
   * one call.
   *
   * On a replica this machine forgets alone: its copies go, and stay away until {@link refetch}. Reading them throws
   * `FORGOTTEN_HERE`. Values up to 1 KiB lie in the index, so only their author can forget them:
   * `FORGET_NEEDS_AUTHOR`.
   *
   * `set` and `batch` with `{ previous: 'forget' }` forget the values that they replace in the same way, soon
   * after they have resolved.
   */
  forget(...keys: readonly Input<K>[]): Promise<void>
  /**
   * As {@link forget}, every key within bounds, those too that were deleted before. At least one bound has to be
   * given, or it is a TypeError.
   */
  forgetRange(range: KeyRangeOptions<K>): Promise<void>
  /**
   * Drops this machine's copies of large values; reading them fetches them again. Of a map of one's own only values
   * of more than 64 KiB go that a connected peer has: throws `COPY_ONLY_HERE`. Values up to 1 KiB stay.
   */
  evict(...keys: readonly Input<K>[]): Promise<void>
  /** Brings back what `forget` took away on this replica alone. */
  refetch(...keys: readonly Input<K>[]): Promise<void>
  /**
   * Whether a value is here, and how many connected peers still have it; undefined when there is none. Asks the
   * peers, about a second at most.
   */
  status(key: Input<K>, options?: WaitOptions): Promise<TargetStatus | undefined>
  /** The map as it is at this call, for as long as the snapshot is open. */
  snapshot(): KvSnapshot<K, V>
  /** The version that reads show now. */
  version(): KvVersion
  /**
   * The map as it was at `version`. The data log is read backwards to that version, and on until each key
   * that changed since has been found: to its beginning when one of them was new. So it costs what was
   * written since, at least; the keys that changed since are held in memory, with values of up to 1 KiB.
   *
   * Throws `VERSION_UNAVAILABLE` where the log does not have all of that any more, or not yet, and where something
   * that was written before the version was forgotten after it; `VERSION_UNREADABLE` for what is no version.
   */
  checkout(version: KvVersion, options?: WaitOptions): Promise<KvSnapshot<K, V>>
  /**
   * The keys whose values differ between versions `a` and `b` (default the present), in their order.
   * Either may be the older. It reads and holds what {@link checkout} of both does, and throws the same.
   */
  diff(
    a: KvVersion,
    b?: KvVersion,
    options?: WaitOptions,
  ): AsyncIterableIterator<KvDifference<K, V>, undefined>
  /**
   * Every value that a key had, out of the data log as it is at this call, and its deletions; the oldest
   * first, or the newest. The log is read as far as the caller goes. Where it has lost blocks, it gives
   * what came before on its way, then throws `VERSION_UNAVAILABLE`.
   */
  history(key: Input<K>, options?: HistoryOptions): AsyncIterableIterator<KvPastValue<V>, undefined>
  /**
   * Every change after this call, or after `from`, once each and in order; on a replica as the data
   * arrives. When one is given, reads show it already. Changes are read out of the data log as the caller
   * goes on, so a slow one costs no memory. It goes on until a `break`, `return()`, the signal, or the
   * stream's close (`STREAM_CLOSED`).
   *
   * A replica waits for blocks that no connected peer has; an own map throws `VERSION_UNAVAILABLE` when
   * its log has lost what comes after `from`. Throws `VERSION_UNREADABLE` for what is no version.
   */
  watch(options?: WatchOptions<K>): AsyncIterableIterator<KvChange<K, V>, undefined>
}
