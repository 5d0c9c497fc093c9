/** Throws when what is guarded may not be used. */
export type Check = () => void

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>

/** Whether `value` is an iterator, as generators and hand-written ones are; an iterable alone is not. */
export function isIterator(value: unknown): value is AnyIterator {
  if (typeof value !== 'object' || value === null) return false
  const isIterable = Symbol.asyncIterator in value || Symbol.iterator in value
  return isIterable && typeof (value as { next?: unknown }).next === 'function'
}

/** `iterator` with `check` before every step. */
export function guardedIterator(iterator: AnyIterator, check: Check): AnyIterator {
  return Symbol.asyncIterator in iterator
    ? new GuardedAsyncIterator(iterator as AsyncIterator<unknown>, check)
    : new GuardedIterator(iterator as Iterator<unknown>, check)
}

class GuardedAsyncIterator implements AsyncIterableIterator<unknown> {
  readonly #iterator: AsyncIterator<unknown>
  readonly #check: Check

  constructor(iterator: AsyncIterator<unknown>, check: Check) {
    this.#iterator = iterator
    this.#check = check
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(...args: [] | [unknown]): Promise<IteratorResult<unknown>> {
    try {
      this.#check()
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#iterator.next(...args)
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    return (await this.#iterator.return?.(value)) ?? { done: true, value }
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    if (this.#iterator.throw === undefined) throw error
    return this.#iterator.throw(error)
  }
}

class GuardedIterator implements IterableIterator<unknown> {
  readonly #iterator: Iterator<unknown>
  readonly #check: Check

  constructor(iterator: Iterator<unknown>, check: Check) {
    this.#iterator = iterator
    this.#check = check
  }

  [Symbol.iterator](): this {
    return this
  }

  next(...args: [] | [unknown]): IteratorResult<unknown> {
    this.#check()
    return this.#iterator.next(...args)
  }

  return(value?: unknown): IteratorResult<unknown> {
    return this.#iterator.return?.(value) ?? { done: true, value }
  }

  throw(error?: unknown): IteratorResult<unknown> {
    if (this.#iterator.throw === undefined) throw error
    return this.#iterator.throw(error)
  }
}
