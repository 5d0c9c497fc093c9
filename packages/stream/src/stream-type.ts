import {
  decodeDefinition,
  type Definition,
  type Descriptor,
  descriptorFromDefinition,
} from '@datagram/descriptors'
import type { OrderedReader } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import {
  decodeDescriptor,
  descriptorBounds,
  type DescriptorRecord,
  descriptorKey,
  descriptorNumber,
} from './descriptor-record.ts'
import { streamError } from './stream-errors.ts'
import { assertWithinBudget } from './type-budget.ts'

/** One type of the objects of a stream, as the stream itself explains it. */
export interface StreamType extends DescriptorRecord {
  /** Its number in this stream: `descriptor` of its objects. */
  readonly number: number
  /**
   * What makes and reads its values, from the definition that the stream keeps; nothing of it is run.
   * Undefined when that cannot be used: see {@link problem}.
   */
  readonly descriptor: Descriptor | undefined
  /** Why the definition cannot be used: it is damaged, hostile, or of a newer format. */
  readonly problem: Error | undefined
}

/** The types of a stream. What was read is kept: a record, once written, never changes. */
export class StreamTypes {
  readonly #reader: OrderedReader
  readonly #types: StreamType[] = []
  #bytes = 0
  #reading: Promise<void> = Promise.resolve()

  /** `reader`: of the key space of the stream itself. */
  constructor(reader: OrderedReader) {
    this.#reader = reader
  }

  /** All types that the stream has now, by number. Throws `TYPES_TOO_MANY`. */
  async all(wait: WaitOptions = {}): Promise<readonly StreamType[]> {
    const reading = this.#reading.catch(() => undefined).then(() => this.#readNew(wait))
    this.#reading = reading
    await reading
    return this.#types
  }

  /** The type with this number; undefined when the stream has none, and for 0, plain bytes. */
  async get(number: number, wait?: WaitOptions): Promise<StreamType | undefined> {
    if (number === 0) return undefined
    return this.#types[number - 1] ?? (await this.all(wait))[number - 1]
  }

  // Types are numbered 1, 2, … without a gap.
  async #readNew(wait: WaitOptions): Promise<void> {
    const gte = descriptorKey(this.#types.length + 1)
    for await (const [key, value] of this.#reader.range({ ...descriptorBounds, gte, ...wait })) {
      const number = this.#types.length + 1
      if (descriptorNumber(key) !== number) return
      const record = decodeDescriptor(value)
      const bytes = this.#bytes + record.definition.byteLength
      assertWithinBudget(number, bytes)
      this.#types.push(streamType(number, record))
      this.#bytes = bytes
    }
  }
}

/** The type that a record tells of. */
export function streamType(number: number, record: DescriptorRecord): StreamType {
  try {
    const descriptor = descriptorFromDefinition(decodeDefinition(record.definition))
    if (!b4a.equals(descriptor.id, record.id)) throw mismatch(descriptor.definition, record.id)
    return { ...record, number, descriptor, problem: undefined }
  } catch (error) {
    return { ...record, number, descriptor: undefined, problem: error as Error }
  }
}

function mismatch({ name, version }: Definition, id: Uint8Array): Error {
  return streamError(
    'DESCRIPTOR_MISMATCH',
    `the stream keeps a definition of ${name}, version ${version}, under the id of another; read its objects with a definition of your own`,
    { details: { name, version, id } },
  )
}
