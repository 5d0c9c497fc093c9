import type { IndexEntry } from '@datagram/indexer'
import type { EntryRangeContext } from './entry-range.ts'
import { unspaced } from './key-space.ts'

/** Keys of one key space. Written by hand, as `EntryRange` is. */
export class KeyRange implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: AsyncIterator<IndexEntry>
  readonly #context: Pick<EntryRangeContext, 'assertOpen' | 'failure'>

  constructor(
    source: AsyncIterable<IndexEntry>,
    context: Pick<EntryRangeContext, 'assertOpen' | 'failure'>,
  ) {
    this.#source = source[Symbol.asyncIterator]()
    this.#context = context
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      this.#context.assertOpen()
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#source.next().then(this.#open, this.#fail)
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  readonly #open = (result: IteratorResult<IndexEntry>): IteratorResult<Uint8Array, undefined> =>
    result.done === true
      ? { done: true, value: undefined }
      : { done: false, value: unspaced(result.value[0]) }

  readonly #fail = (error: unknown): never => {
    throw this.#context.failure(error)
  }
}
