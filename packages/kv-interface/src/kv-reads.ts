import type { EntryReader, WaitOptions } from '@datagram/stream'
import type { Encoder } from './encoding.ts'
import { byteBounds } from './key-range.ts'
import type { EntriesOptions, KvReader } from './kv.ts'
import { limitOf } from './limit.ts'
import { listOf } from './list.ts'
import { MappedIterator } from './mapped-iterator.ts'

/** How the keys and values of a map are written. */
export interface KvEncoders {
  readonly keys: Encoder<unknown>
  readonly values: Encoder<unknown>
}

/** Reads of a map, of the live one or of one moment, as the reader says. */
export class KvReads implements KvReader<unknown, unknown> {
  readonly #reader: EntryReader
  readonly #keys: Encoder<unknown>
  readonly #values: Encoder<unknown>

  constructor(reader: EntryReader, { keys, values }: KvEncoders) {
    this.#reader = reader
    this.#keys = keys
    this.#values = values
  }

  // The commonest call: out of memory it costs one promise, this function's own.
  async get(key: unknown, options?: WaitOptions): Promise<unknown> {
    const found = this.#reader.getNow(this.#keys.encode(key), options)
    const bytes = found instanceof Promise ? await found : found
    return bytes === undefined ? undefined : this.#values.decode(bytes)
  }

  async getBuffer(key: unknown, options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.#reader.get(this.#keys.encode(key), options)
  }

  async getMany(keys: readonly unknown[], options?: WaitOptions): Promise<unknown[]> {
    const encoded = listOf(keys, 'keys').map((key) => this.#keys.encode(key))
    const values = await this.#reader.getMany(encoded, options)
    return values.map((bytes) => (bytes === undefined ? undefined : this.#values.decode(bytes)))
  }

  async has(key: unknown, options?: WaitOptions): Promise<boolean> {
    return this.#reader.has(this.#keys.encode(key), options)
  }

  entries(
    options: EntriesOptions<unknown> = {},
  ): AsyncIterableIterator<[unknown, unknown], undefined> {
    return new MappedIterator(
      this.#reader.range(this.#rangeOptions(options)),
      ([key, value]) => [this.#keys.decode(key), this.#values.decode(value)],
      options.signal,
    )
  }

  keys(options: EntriesOptions<unknown> = {}): AsyncIterableIterator<unknown, undefined> {
    const keys = this.#reader.keys(this.#rangeOptions(options))
    return new MappedIterator(keys, (key) => this.#keys.decode(key), options.signal)
  }

  values(options: EntriesOptions<unknown> = {}): AsyncIterableIterator<unknown, undefined> {
    const entries = this.#reader.range(this.#rangeOptions(options))
    return new MappedIterator(entries, ([, value]) => this.#values.decode(value), options.signal)
  }

  #rangeOptions(options: EntriesOptions<unknown>) {
    const { reverse = false, limit, signal, timeoutMs } = options
    const bounds = byteBounds(options, this.#keys)
    return { ...bounds, reverse, limit: limitOf(limit), signal, timeoutMs }
  }
}
