import type { Definition } from '@datagram/descriptors'
import type { WaitOptions } from '@datagram/log-core'
import type { ReadOptions, StreamObject } from './interface-stream.ts'
import type { StreamType } from './stream-type.ts'

/** One object of a stream, with what the stream says of its type. */
export class DescribedObject<Value = unknown> {
  /** Its number in the stream: what names it for good. */
  readonly n: number
  /** Bytes of its body. */
  readonly size: number
  readonly #object: StreamObject
  readonly #type: StreamType | undefined
  readonly #decode: (body: Uint8Array) => unknown

  /** `decode`: what reads its body; default the type's own descriptor. */
  constructor(
    object: StreamObject,
    type: StreamType | undefined,
    decode: (body: Uint8Array) => unknown = (body) => decodeBy(type, body),
  ) {
    this.n = object.n
    this.size = object.size
    this.#object = object
    this.#type = type
    this.#decode = decode
  }

  /** Whether it was forgotten: its number, size and type are all that is left of it. */
  get forgotten(): boolean {
    return this.#object.forgotten
  }

  /** Name of its type; undefined for plain bytes, and for a definition that cannot be used. */
  get type(): string | undefined {
    return this.definition?.name
  }

  /** Version of its type. */
  get version(): number | undefined {
    return this.definition?.version
  }

  /** The definition that it was written with. */
  get definition(): Definition | undefined {
    return this.#type?.descriptor?.definition
  }

  /**
   * What was stored, out of the body: plain bytes as they are. Throws what reading and decoding throw:
   * `DATA_DAMAGED`, `DESCRIPTOR_VERSION_NEWER` with the bytes in `details.raw`, what is wrong with the
   * definition; {@link read} gives the bytes all the same.
   */
  async value(options?: WaitOptions): Promise<Value> {
    return this.#decode(await this.#object.read(options)) as Value
  }

  /** The body, or a part of it. */
  read(options?: ReadOptions): Promise<Uint8Array> {
    return this.#object.read(options)
  }

  /** The body, or a part of it, in pieces of at most a block. */
  stream(options?: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#object.stream(options)
  }
}

function decodeBy(type: StreamType | undefined, body: Uint8Array): unknown {
  if (type === undefined) return body
  if (type.descriptor === undefined) throw type.problem
  return type.descriptor.decode(body)
}
