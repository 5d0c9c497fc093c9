import type { BlockRange } from '@datagram/log-core'
import type { BodyReader } from './body-reader.ts'
import type { ReadOptions, StreamObject } from './interface-stream.ts'
import type { ContentsEntry } from './contents-entry.ts'
import { type Place, rangeOf } from './place.ts'
import { streamError } from './stream-errors.ts'

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
  readonly size: number
  readonly #place: Place | undefined
  readonly #context: StoredObjectContext

  constructor(n: number, { descriptor, size, place }: ContentsEntry, context: StoredObjectContext) {
    this.n = n
    this.descriptor = descriptor
    this.size = size
    this.#place = place
    this.#context = context
  }

  get block(): number | undefined {
    return this.#place?.block
  }

  get forgotten(): boolean {
    return this.#place === undefined
  }

  /** The blocks of the data log that its body lies in. */
  get blocks(): BlockRange {
    return this.#place === undefined ? { start: 0, end: 0 } : rangeOf(this.#place)
  }

  async read(options?: ReadOptions): Promise<Uint8Array> {
    this.#context.assertOpen()
    try {
      return await this.#context.bodies.read(this.#where(), options)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }

  async *stream(options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.#context.assertOpen()
    try {
      yield* this.#context.bodies.stream(this.#where(), options)
    } catch (error) {
      throw this.#context.failure(error)
    }
  }

  #where(): Place {
    if (this.#place !== undefined) return this.#place
    throw streamError(
      'OBJECT_FORGOTTEN',
      `object ${this.n} was forgotten; of it only its number and its size are left`,
      { details: { n: this.n } },
    )
  }
}
