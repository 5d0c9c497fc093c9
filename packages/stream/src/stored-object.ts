import type { BlockRange } from '@datagram/log-core'
import type { BodyReader } from './body-reader.ts'
import type { ReadOptions, StreamObject } from './interface-stream.ts'
import { blocksOf, type Place } from './place.ts'

/** What a stored object needs of its stream. */
export interface StoredObjectContext {
  readonly bodies: BodyReader
  readonly assertOpen: () => void
  readonly failure: (error: unknown) => unknown
}

/** An object by its line in the table of contents. */
export class StoredObject implements StreamObject {
  readonly n: number
  readonly descriptor: number
  readonly #place: Place
  readonly #context: StoredObjectContext

  constructor(
    n: number,
    { descriptor, place }: { readonly descriptor: number; readonly place: Place },
    context: StoredObjectContext,
  ) {
    this.n = n
    this.descriptor = descriptor
    this.#place = place
    this.#context = context
  }

  get size(): number {
    return this.#place.size
  }

  get block(): number {
    return this.#place.block
  }

  /** The blocks of the data log that its body lies in. */
  get blocks(): BlockRange {
    return { start: this.#place.block, end: this.#place.block + blocksOf(this.#place) }
  }

  async read(options?: ReadOptions): Promise<Uint8Array> {
    this.#context.assertOpen()
    try {
      return await this.#context.bodies.read(this.#place, options)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }

  async *stream(options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.#context.assertOpen()
    try {
      yield* this.#context.bodies.stream(this.#place, options)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }
}
