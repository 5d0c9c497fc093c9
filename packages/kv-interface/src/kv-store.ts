import type { InterfaceStream, TargetStatus, Transaction, WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { Encoder } from './encoding.ts'
import type {
  HistoryOptions,
  Kv,
  KeyRangeOptions,
  KvChange,
  KvDifference,
  KvOperation,
  KvPastValue,
  KvWriteOptions,
  SetCondition,
  SetOptions,
  WatchOptions,
} from './kv.ts'
import { byteBounds } from './key-range.ts'
import { pastError } from './kv-errors.ts'
import { differences, history } from './kv-past.ts'
import { type KvEncoders, KvReads } from './kv-reads.ts'
import { decodeVersion, encodeVersion } from './kv-version.ts'
import { KvView } from './kv-view.ts'
import { listOf } from './list.ts'
import type { JsReply } from './redis/js-reply.ts'
import type { RedisStore } from './redis/redis.ts'
import type { RedisArgument } from './redis/redis-argument.ts'
import { KvWatch } from './kv-watch.ts'

/** A {@link Kv} over the entries of a stream. Types are checked where it is made. */
export class KvStore extends KvReads implements Kv<unknown, unknown> {
  readonly #stream: InterfaceStream
  readonly #encoders: KvEncoders
  readonly #keys: Encoder<unknown>
  readonly #values: Encoder<unknown>

  readonly #required: { readonly redis: RedisStore }

  constructor(
    stream: InterfaceStream,
    required: { readonly redis: RedisStore },
    encoders: KvEncoders,
  ) {
    super(stream.index, encoders)
    this.#stream = stream
    this.#required = required
    this.#encoders = encoders
    this.#keys = encoders.keys
    this.#values = encoders.values
  }

  /** Looked at when it is used: its commands are many, and made usable then. */
  get redis(): RedisStore {
    return this.#required.redis
  }

  async set(
    key: unknown,
    value: unknown,
    { if: condition, ...options }: SetOptions<unknown> = {},
  ): Promise<boolean> {
    const entry = { key: this.#keys.encode(key), value: this.#values.encode(value) }
    if (condition !== undefined) return this.#setIf(owned(entry), condition, options)
    await this.#write([entry], options)
    return true
  }

  async del(...keys: readonly unknown[]): Promise<number> {
    const unique = new Map<string, Uint8Array>()
    for (const key of keys) {
      const bytes = this.#keys.encode(key)
      unique.set(b4a.toString(bytes, 'latin1'), b4a.from(bytes))
    }
    return this.#stream.write(async (tx) => {
      const candidates = [...unique.values()]
      const there = await Promise.all(candidates.map((key) => tx.has(key)))
      const present = candidates.filter((_, i) => there[i])
      for (const key of present) tx.del(key)
      return present.length
    })
  }

  async batch(
    operations: readonly KvOperation<unknown, unknown>[],
    options?: KvWriteOptions,
  ): Promise<void> {
    await this.#write(
      listOf(operations, 'operations').map((operation) => this.#encoded(operation)),
      options,
    )
  }

  async forget(...keys: readonly unknown[]): Promise<void> {
    await this.#stream.forget(...this.#owned(keys))
  }

  async forgetRange(range: KeyRangeOptions<unknown>): Promise<void> {
    await this.#stream.forget(byteBounds(range ?? {}, this.#keys))
  }

  async evict(...keys: readonly unknown[]): Promise<void> {
    await this.#stream.evict(...this.#owned(keys))
  }

  async refetch(...keys: readonly unknown[]): Promise<void> {
    await this.#stream.refetch(...this.#owned(keys))
  }

  async status(key: unknown, options?: WaitOptions): Promise<TargetStatus | undefined> {
    return this.#stream.status(b4a.from(this.#keys.encode(key)), options)
  }

  snapshot(): KvView {
    // Taken at one instant: nothing is written between the two.
    const moment = this.#stream.moment()
    return new KvView(this.#stream.snapshot(), moment, this.#encoders)
  }

  version(): string {
    return encodeVersion(this.#stream.moment())
  }

  async checkout(version: string, options?: WaitOptions): Promise<KvView> {
    const moment = decodeVersion(version)
    try {
      const snapshot = await this.#stream.checkout(moment, options)
      return new KvView(snapshot, moment, this.#encoders)
    } catch (error) {
      throw pastError(error)
    }
  }

  diff(
    a: string,
    b: string = this.version(),
    wait: WaitOptions = {},
  ): AsyncIterableIterator<KvDifference<unknown, unknown>, undefined> {
    const compared = { before: decodeVersion(a), after: decodeVersion(b), ...wait }
    return differences(this.#stream, this.#encoders, compared)
  }

  history(
    key: unknown,
    options: HistoryOptions = {},
  ): AsyncIterableIterator<KvPastValue<unknown>, undefined> {
    return history(this.#stream, key, { ...options, ...this.#encoders })
  }

  watch(
    options: WatchOptions<unknown> = {},
  ): AsyncIterableIterator<KvChange<unknown, unknown>, undefined> {
    return new KvWatch(this.#stream, this.#encoders, options)
  }

  async call(name: string, ...args: readonly RedisArgument[]): Promise<JsReply> {
    return this.redis.call(name, ...args)
  }

  // Most writes run at once, and the transaction copies what it is given. One that has to wait for its turn
  // takes copies of its own first, as the caller may change its bytes meanwhile.
  #write(entries: readonly EncodedEntry[], options: KvWriteOptions = {}): Promise<void> {
    const { previous } = options
    let taken = entries
    let hasRun = false
    const written = this.#stream.write((tx) => {
      hasRun = true
      for (const { key, value } of taken) {
        if (value === undefined) tx.del(key, { previous })
        else tx.put(key, value, { previous })
      }
    }, options)
    if (!hasRun) taken = entries.map(owned)
    return written
  }

  #setIf(
    { key, value }: { readonly key: Uint8Array; readonly value: Uint8Array },
    condition: SetCondition<unknown>,
    { previous, ...wait }: KvWriteOptions,
  ): Promise<boolean> {
    const holds = this.#condition(key, condition, wait)
    return this.#stream.write(async (tx) => {
      if (!(await holds(tx))) return false
      tx.put(key, value, { previous })
      return true
    }, wait)
  }

  // Taken apart before the write waits for its turn: the caller may change the condition meanwhile.
  #condition(
    key: Uint8Array,
    condition: SetCondition<unknown>,
    wait: WaitOptions,
  ): (tx: Transaction) => Promise<boolean> {
    if (condition === 'present') return (tx) => tx.has(key, wait)
    if (condition === 'absent') return async (tx) => !(await tx.has(key, wait))
    if (typeof condition !== 'object' || condition === null || !('equals' in condition)) {
      throw new TypeError("if is 'absent', 'present' or { equals: value }")
    }
    const expected = b4a.from(this.#values.encode(condition.equals))
    return async (tx) => {
      const actual = await tx.get(key, wait)
      return actual !== undefined && b4a.equals(actual, expected)
    }
  }

  #owned(keys: readonly unknown[]): Uint8Array[] {
    return keys.map((key) => b4a.from(this.#keys.encode(key)))
  }

  #encoded(operation: KvOperation<unknown, unknown>): EncodedEntry {
    if (operation?.type === 'set') {
      const key = this.#keys.encode(operation.key)
      return { key, value: this.#values.encode(operation.value) }
    }
    if (operation?.type === 'del') {
      return { key: this.#keys.encode(operation.key), value: undefined }
    }
    throw new TypeError("an operation of a batch is of type 'set' or 'del'")
  }
}

/** An operation in bytes; without a value it deletes. */
interface EncodedEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

function owned<E extends EncodedEntry>({ key, value }: E): E {
  return { key: b4a.from(key), value: value && b4a.from(value) } as E
}
