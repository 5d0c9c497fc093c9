import type { Index } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import {
  contentsBounds,
  contentsKey,
  contentsNumber,
  decodeContents,
  OBJECTS_MAX,
} from './contents-entry.ts'
import type { ObjectsOptions, StreamObject } from './interface-stream.ts'
import { StoredObject, type StoredObjectContext } from './stored-object.ts'

// Lines of the table that are asked for at once.
const LINES_AT_ONCE = 256

/** The table of contents of a stream. */
export class Contents {
  readonly #index: Index
  readonly #context: StoredObjectContext

  constructor(index: Index, context: StoredObjectContext) {
    this.#index = index
    this.#context = context
  }

  async at(n: number, options?: WaitOptions): Promise<StreamObject | undefined> {
    this.#context.assertOpen()
    assertObjectNumber(n)
    if (n >= OBJECTS_MAX) return undefined
    try {
      const entry = await this.#index.get(contentsKey(n), options)
      return entry && new StoredObject(n, decodeContents(entry), this.#context)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }

  async count(options?: WaitOptions): Promise<number> {
    this.#context.assertOpen()
    try {
      return await countObjects(this.#index, options)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }

  objects({ from = 0, to, signal, timeoutMs }: ObjectsOptions = {}): AsyncIterable<StreamObject> {
    this.#context.assertOpen()
    assertObjectNumber(from)
    if (to !== undefined) assertObjectNumber(to)
    const entries = this.#index.range({
      gte: boundAt(from),
      lt: to === undefined ? contentsBounds.lt : boundAt(to),
      signal,
      timeoutMs,
    })
    return this.#objects(entries)
  }

  /** The objects with these numbers, as far as the table has them; lines are read many at once. */
  async *many(
    numbers: readonly number[],
    wait: WaitOptions = {},
  ): AsyncGenerator<StoredObject, void, undefined> {
    for (let at = 0; at < numbers.length; at += LINES_AT_ONCE) {
      this.#context.assertOpen()
      const some = numbers.slice(at, at + LINES_AT_ONCE)
      for (const n of some) assertObjectNumber(n)
      const lines = await this.#index
        .getMany(some.map(contentsKey), wait)
        .catch((error: unknown) => Promise.reject(this.#context.failure(error)))
      for (const [i, line] of lines.entries()) {
        if (line === undefined) continue
        yield new StoredObject(some[i] as number, decodeContents(line), this.#context)
      }
    }
  }

  async *#objects(
    entries: AsyncIterable<readonly [Uint8Array, Uint8Array]>,
  ): AsyncGenerator<StreamObject, void, undefined> {
    try {
      for await (const [key, value] of entries) {
        this.#context.assertOpen()
        yield new StoredObject(contentsNumber(key), decodeContents(value), this.#context)
      }
    } catch (error) {
      throw this.#context.failure(error)
    }
  }
}

/** How many objects the table of contents of an index has. */
export async function countObjects(index: Index, options?: WaitOptions): Promise<number> {
  const last = index.range({ ...contentsBounds, reverse: true, limit: 1, ...options })
  for await (const [key] of last) return contentsNumber(key) + 1
  return 0
}

// The key of object `n`, or what lies beyond all of them.
function boundAt(n: number): Uint8Array {
  return n < OBJECTS_MAX ? contentsKey(n) : contentsBounds.lt
}

/** Throws a TypeError unless `n` may be the number of an object. */
export function assertObjectNumber(n: unknown): asserts n is number {
  if (!Number.isSafeInteger(n) || (n as number) < 0) {
    throw new TypeError('the number of an object is a non-negative integer')
  }
}
