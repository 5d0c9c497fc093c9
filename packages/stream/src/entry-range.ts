import type { IndexEntry, IndexScan } from '@datagram/indexer'
import { unspaced } from './key-space.ts'
import type { Place } from './place.ts'

type EntryResult = IteratorResult<IndexEntry, undefined>

// Values that are read ahead once one of them lies in the data log: together one round trip, not one each.
const READ_AHEAD_ENTRIES = 32
const READ_AHEAD_BYTES = 8 * 1024 * 1024

/** Steps through entries; one that reads an index also gives them without a promise. */
type EntrySteps = AsyncIterator<IndexEntry> & Partial<Pick<IndexScan, 'nextNow'>>

/** What a range of entries needs of its stream. */
export interface EntryRangeContext {
  /** The value of an index entry, or where it lies. */
  readonly open: (value: Uint8Array) => Uint8Array | Place
  readonly read: (place: Place) => Promise<Uint8Array>
  /** Throws when the stream can no longer be read. */
  readonly assertOpen: () => void
  /** The error to throw for `error`: the stream's own when it was closed meanwhile. */
  readonly failure: (error: unknown) => unknown
}

/**
 * Entries of one key space, their values brought in. Written by hand: a generator would cost every entry
 * of a scan two more promises.
 */
export class EntryRange implements AsyncIterableIterator<IndexEntry, undefined> {
  readonly #source: EntrySteps
  readonly #context: EntryRangeContext
  readonly #ahead: Promise<EntryResult>[] = []
  #sourceFailure: unknown
  #filling: Promise<unknown> | undefined

  constructor(source: AsyncIterable<IndexEntry>, context: EntryRangeContext) {
    this.#source = source[Symbol.asyncIterator]()
    this.#context = context
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<EntryResult> {
    try {
      return Promise.resolve(this.nextNow())
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** As {@link next}, but the result itself when memory has it; what `next` rejects with it may throw. */
  nextNow(): EntryResult | Promise<EntryResult> {
    if (this.#filling !== undefined) return this.#filling.then(() => this.next())
    const ahead = this.#ahead.shift()
    if (ahead !== undefined) return ahead
    this.#context.assertOpen()
    const result = this.#source.nextNow?.() ?? this.#source.next()
    return result instanceof Promise ? result.then(this.#open, this.#fail) : this.#open(result)
  }

  async return(): Promise<EntryResult> {
    this.#ahead.length = 0
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  readonly #open = (result: IteratorResult<IndexEntry>): EntryResult | Promise<EntryResult> => {
    if (result.done === true) return { done: true, value: undefined }
    const [spaced, stored] = result.value
    const value = this.#context.open(stored)
    if (value instanceof Uint8Array) return { done: false, value: [unspaced(spaced), value] }
    const first = this.#read(unspaced(spaced), value)
    this.#filling = this.#readAhead(value.size).finally(() => {
      this.#filling = undefined
    })
    return this.#filling.then(() => first)
  }

  readonly #fail = (error: unknown): never => {
    throw this.#context.failure(error)
  }

  async #readAhead(bytesBefore: number): Promise<void> {
    let bytes = bytesBefore
    for (let i = 1; i < READ_AHEAD_ENTRIES && bytes < READ_AHEAD_BYTES; i++) {
      const result = await this.#source.next().catch((error: unknown) => this.#postpone(error))
      if (result.done === true) {
        this.#ahead.push(this.#end())
        return
      }
      const [spaced, stored] = result.value
      const value = this.#context.open(stored)
      const isHere = value instanceof Uint8Array
      bytes += isHere ? value.byteLength : value.size
      const key = unspaced(spaced)
      this.#ahead.push(
        isHere ? Promise.resolve({ done: false, value: [key, value] }) : this.#read(key, value),
      )
    }
  }

  // A failure of the source belongs behind the entries that came before it.
  #postpone(error: unknown): IteratorResult<IndexEntry> {
    this.#sourceFailure = error
    return { done: true, value: undefined }
  }

  #end(): Promise<EntryResult> {
    const failure = this.#sourceFailure
    if (failure === undefined) return Promise.resolve({ done: true, value: undefined })
    const failed = Promise.reject(this.#context.failure(failure))
    failed.catch(() => undefined)
    return failed
  }

  #read(key: Uint8Array, place: Place): Promise<EntryResult> {
    const reading = this.#context
      .read(place)
      .then((value): EntryResult => ({ done: false, value: [key, value] }))
    // Heard of by whoever asks for this entry; until then it must not count as unhandled.
    reading.catch(() => undefined)
    return reading
  }
}
