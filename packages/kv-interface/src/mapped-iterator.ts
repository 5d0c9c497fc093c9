/** An iterator; one over entries in memory also gives results without a promise. */
type Steps<T> = AsyncIterator<T> & {
  nextNow?(): IteratorResult<T> | Promise<IteratorResult<T>>
}

/**
 * Each item of `source` as `map` makes it, once `signal` allows. Written by hand: an async generator would
 * cost every item of a scan two more promises.
 */
export class MappedIterator<From, To> implements AsyncIterableIterator<To, undefined> {
  readonly #source: Steps<From>
  readonly #map: (item: From) => To
  readonly #signal: AbortSignal | undefined

  constructor(source: AsyncIterable<From>, map: (item: From) => To, signal?: AbortSignal) {
    this.#source = source[Symbol.asyncIterator]()
    this.#map = map
    this.#signal = signal
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<To, undefined>> {
    if (this.#signal?.aborted === true) return this.#aborted(this.#signal)
    try {
      const result = this.#source.nextNow?.() ?? this.#source.next()
      if (result instanceof Promise) return result.then(this.#mapped)
      return Promise.resolve(this.#mapped(result))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async return(): Promise<IteratorResult<To, undefined>> {
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  readonly #mapped = (result: IteratorResult<From>): IteratorResult<To, undefined> =>
    result.done === true
      ? { done: true, value: undefined }
      : { done: false, value: this.#map(result.value) }

  async #aborted(signal: AbortSignal): Promise<never> {
    await this.return()
    throw signal.reason
  }
}
