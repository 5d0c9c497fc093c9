import { isDatagramError } from '@datagram/errors'
import type { Index, IndexEntry, OrderedReader, RangeOptions } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { type BodyReader, copiedPart, partOf } from './body-reader.ts'
import { EntryRange, type EntryRangeContext } from './entry-range.ts'
import { readEntry } from './entry-value.ts'
import type { LiveReader, PartOptions } from './interface-stream.ts'
import { KeyRange } from './key-range.ts'
import { firstKey, firstKeyBeyond, spacedKey, unspaced } from './key-space.ts'
import { assertKey } from './limits.ts'
import type { Place } from './place.ts'

/** What the reader of a key space needs of its stream. */
export interface SpaceReaderContext {
  readonly bodies: BodyReader
  /** Throws `STREAM_CLOSED` when the stream is. */
  readonly assertOpen: () => void
  /** The error to throw for `error`: the stream's own when it was closed meanwhile. */
  readonly failure: (error: unknown) => unknown
}

/** An index, or a snapshot of it; the index itself also gives ranges at once. */
export type EntrySource = OrderedReader & Partial<Pick<Index, 'rangeNow'>>

/** The entries of one key space, out of an index or a snapshot of it. */
export class SpaceReader implements LiveReader {
  readonly #source: EntrySource
  readonly #space: number
  readonly #context: SpaceReaderContext

  constructor(source: EntrySource, space: number, context: SpaceReaderContext) {
    this.#source = source
    this.#space = space
    this.#context = context
  }

  async get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.getNow(key, options)
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const stored = this.#stored(key, options)
    if (!isPromise(stored)) return this.#openOrAgain(key, stored, options)
    return stored.then((entry) => this.#openOrAgain(key, entry, options), this.#fail)
  }

  rangeNow(options: RangeOptions = {}): readonly IndexEntry[] | undefined {
    this.#context.assertOpen()
    const spaced = this.#source.rangeNow?.(this.#spacedBounds(options))
    if (spaced === undefined) return undefined
    const entries: IndexEntry[] = []
    for (const [key, stored] of spaced) {
      const value = readEntry(stored)
      if (!(value instanceof Uint8Array)) return undefined
      entries.push([unspaced(key), value])
    }
    return entries
  }

  async getPart(key: Uint8Array, options: PartOptions = {}): Promise<Uint8Array | undefined> {
    this.#context.assertOpen()
    assertKey(key)
    const found = this.#stored(key, options)
    const stored = isPromise(found) ? await found.catch(this.#fail) : found
    if (stored === undefined) return undefined
    const value = readEntry(stored)
    if (!(value instanceof Uint8Array)) return this.#read(value, options)
    const part = partOf(value, options)
    return options.into === undefined ? part : copiedPart(part, options)
  }

  async getMany(
    keys: readonly Uint8Array[],
    options?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    this.#context.assertOpen()
    for (const key of keys) assertKey(key)
    const spaced = keys.map((key) => spacedKey(this.#space, key))
    const stored = await this.#source.getMany(spaced, options).catch(this.#fail)
    return Promise.all(
      stored.map((value, i) => this.#openOrAgain(keys[i] as Uint8Array, value, options)),
    )
  }

  async has(key: Uint8Array, options?: WaitOptions): Promise<boolean> {
    const stored = this.#stored(key, options)
    return (isPromise(stored) ? await stored.catch(this.#fail) : stored) !== undefined
  }

  range(options: RangeOptions = {}): AsyncIterableIterator<IndexEntry, undefined> {
    this.#context.assertOpen()
    const { signal, timeoutMs } = options
    const context: EntryRangeContext = {
      open: readEntry,
      read: (place) => this.#read(place, { signal, timeoutMs }),
      assertOpen: this.#context.assertOpen,
      failure: this.#context.failure,
    }
    return new EntryRange(this.#source.range(this.#spacedBounds(options)), context)
  }

  keys(options: RangeOptions = {}): AsyncIterableIterator<Uint8Array, undefined> {
    this.#context.assertOpen()
    const { assertOpen, failure } = this.#context
    return new KeyRange(this.#source.range(this.#spacedBounds(options)), { assertOpen, failure })
  }

  #stored(
    key: Uint8Array,
    options: WaitOptions | undefined,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#context.assertOpen()
    assertKey(key)
    return this.#source.getNow(spacedKey(this.#space, key), options)
  }

  #spacedBounds({ gt, gte, lt, lte, ...rest }: RangeOptions): RangeOptions {
    for (const bound of [gt, gte, lt, lte]) if (bound !== undefined) assertKey(bound)
    const space = this.#space
    const beyond = firstKeyBeyond(space)
    return {
      ...rest,
      ...(gt === undefined ? {} : { gt: spacedKey(space, gt) }),
      ...(gte === undefined ? {} : { gte: spacedKey(space, gte) }),
      ...(gt === undefined && gte === undefined ? { gte: firstKey(space) } : {}),
      ...(lt === undefined ? {} : { lt: spacedKey(space, lt) }),
      ...(lte === undefined ? {} : { lte: spacedKey(space, lte) }),
      ...(lt === undefined && lte === undefined && beyond !== undefined ? { lt: beyond } : {}),
    }
  }

  // A value may be overwritten, and dropped, while it is being read: then the newer one is.
  #openOrAgain(
    key: Uint8Array,
    stored: Uint8Array | undefined,
    options: WaitOptions | undefined,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const value = this.#open(stored, options)
    if (!isPromise(value)) return value
    return value.catch(async (error: unknown) => {
      if (!isDatagramError(error, 'BLOCK_FORGOTTEN')) throw error
      const now = await this.#stored(key, options)
      if (now !== undefined && stored !== undefined && b4a.equals(now, stored)) throw error
      return this.#open(now, options)
    })
  }

  #open(
    stored: Uint8Array | undefined,
    { signal, timeoutMs }: WaitOptions = {},
  ): Uint8Array | undefined | Promise<Uint8Array> {
    if (stored === undefined) return undefined
    const value = readEntry(stored)
    return value instanceof Uint8Array ? value : this.#read(value, { signal, timeoutMs })
  }

  #read(place: Place, options: PartOptions | undefined): Promise<Uint8Array> {
    return this.#context.bodies.read(place, options).catch(this.#fail)
  }

  readonly #fail = (error: unknown): never => {
    throw this.#context.failure(error)
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise
}
