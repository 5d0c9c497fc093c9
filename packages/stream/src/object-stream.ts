import type { Stamp, WaitOptions } from '@datagram/log-core'
import { DescribedObject } from './described-object.ts'
import type { ExportSummary } from './export-format.ts'
import { exportObjects, type ExportOptions } from './export-objects.ts'
import { importObjects } from './import-objects.ts'
import type {
  InterfaceStream,
  ObjectHistoryOptions,
  ObjectsDownloadOptions,
  ObjectsOptions,
  Pointer,
  StreamObject,
  UpdateOptions,
} from './interface-stream.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import type { ObjectRange, TargetStatus } from './target.ts'
import type { StreamType } from './stream-type.ts'

/** Which objects: as {@link ObjectsOptions} says; with a descriptor, their values are its. */
export interface TypedObjectsOptions<Value> extends Omit<ObjectsOptions, 'type'> {
  readonly type: Pick<StreamDescriptor<never, Value>, 'definition' | 'decode'>
}

/** A stream of objects of any types: `dg.stream(name)`. Values come out as they went in, anywhere. */
export class ObjectStream {
  readonly #stream: InterfaceStream

  constructor(stream: InterfaceStream) {
    this.#stream = stream
  }

  /** Whether objects can be added here; a replica only reads. */
  get writable(): boolean {
    return this.#stream.writable
  }

  /**
   * Adds one object. The stream keeps the definition of its type, once, and an index of the fields that
   * it marks with `index`. Calls that come together are appended together.
   *
   * Throws `DATA_INVALID` with the path of what does not fit, `DESCRIPTOR_CONFLICT` (the stream has
   * another definition of this name and version), `STREAM_NOT_WRITABLE`, `VALUE_TOO_LARGE`.
   */
  async add<T>(
    descriptor: StreamDescriptor<T, unknown>,
    data: T,
    options?: WaitOptions,
  ): Promise<Pointer> {
    return this.#stream.add(descriptor, data, options)
  }

  /** Adds an object of plain bytes, or of UTF-8 text, that has no type. */
  async append(body: Uint8Array | string, options?: WaitOptions): Promise<Pointer> {
    return this.#stream.write((tx) => tx.append(body), options)
  }

  /** The n-th object, or undefined. */
  async at(n: number, options?: WaitOptions): Promise<DescribedObject | undefined> {
    const object = await this.#stream.at(n, options)
    return object && this.#described(object, undefined, options)
  }

  /** How many objects there are, the forgotten ones included. */
  async count(options?: WaitOptions): Promise<number> {
    return this.#stream.count(options)
  }

  /**
   * The objects of a type, between two numbers, by conditions on indexed fields, in order. It fetches no
   * body; `value()` and {@link download} do. With a descriptor as `type`, `value()` reads older versions
   * as that descriptor does; else each with the definition that the stream has of it.
   *
   * Throws `FIELD_NOT_INDEXED`.
   */
  objects<Value>(options: TypedObjectsOptions<Value>): AsyncIterable<DescribedObject<Value>>
  objects(options?: ObjectsOptions): AsyncIterable<DescribedObject>
  objects(
    options: ObjectsOptions | TypedObjectsOptions<unknown> = {},
  ): AsyncIterable<DescribedObject> {
    return this.#objects(options)
  }

  /** Brings the bodies of these objects here, and nothing else. Throws `OBJECT_NOT_FOUND`. */
  async download(
    objects: Iterable<number | Pick<Pointer, 'n'>>,
    options?: ObjectsDownloadOptions,
  ): Promise<void> {
    return this.#stream.download(objects, options)
  }

  /**
   * Forgets objects for good, one by one or a range of numbers: here and, when it is one's own stream, everywhere.
   * On a replica this machine forgets alone, until {@link refetch}. As `InterfaceStream.forget`.
   */
  async forget(...targets: readonly (Pick<Pointer, 'n'> | ObjectRange)[]): Promise<void> {
    await this.#stream.forget(...targets)
  }

  /** Drops this machine's copies; reading them fetches them again. As `InterfaceStream.evict`. */
  async evict(...targets: readonly (Pick<Pointer, 'n'> | ObjectRange)[]): Promise<void> {
    await this.#stream.evict(...targets)
  }

  /** Brings back what this machine has forgotten alone. As `InterfaceStream.refetch`. */
  async refetch(...targets: readonly (Pick<Pointer, 'n'> | ObjectRange)[]): Promise<void> {
    await this.#stream.refetch(...targets)
  }

  /** Whether an object is here, and how many connected peers still have it; undefined when there is none. */
  async status(
    target: Pick<Pointer, 'n'>,
    options?: WaitOptions,
  ): Promise<TargetStatus | undefined> {
    return this.#stream.status(target, options)
  }

  /** The types of the objects, each with its definition and what reads its values. */
  async types(options?: WaitOptions): Promise<readonly StreamType[]> {
    return this.#stream.types(options)
  }

  /**
   * Writes the objects into an empty or new folder: JSON lines, and files for what is large. Nothing is
   * lost: {@link importAll} makes the same objects of it. Objects of unknown types are exported like any.
   *
   * Throws `EXPORT_FOLDER_NOT_EMPTY`, and what reading bodies and the file system throw.
   */
  async exportAll(folder: string, options?: ExportOptions): Promise<ExportSummary> {
    return exportObjects(this.#stream, folder, options)
  }

  /**
   * Adds the objects of an export, in its order, with the definitions that they were written with. All of
   * it is checked before anything is written.
   *
   * Throws `EXPORT_DAMAGED` with the place in the export, `EXPORT_FORMAT_UNKNOWN`, `DESCRIPTOR_CONFLICT`.
   */
  async importAll(folder: string, options?: WaitOptions): Promise<ExportSummary> {
    return importObjects(this.#stream, folder, options)
  }

  /** Moves a replica to the newest state of the connected peers; true when it moved. */
  update(options?: WaitOptions): Promise<boolean>
  /**
   * Gives an object a later version under its number; the one before is kept, or with `previous: 'forget'`
   * forgotten. Its type is the descriptor's; without one the value is bytes or text. As `InterfaceStream.update`.
   */
  update<T>(
    target: Pick<Pointer, 'n'>,
    value: T | Uint8Array | string,
    options?: UpdateOptions<T>,
  ): Promise<Pointer>
  async update<T>(
    first?: WaitOptions | Pick<Pointer, 'n'>,
    ...[value, options]: readonly [(T | Uint8Array | string)?, UpdateOptions<T>?]
  ): Promise<boolean | Pointer> {
    if (first === undefined || !('n' in first)) return this.#stream.update(first)
    return this.#stream.update(first, value as T, options)
  }

  /** The versions of an object that are kept, the oldest first, and when each was written. */
  async *history(
    target: Pick<Pointer, 'n'>,
    options?: ObjectHistoryOptions,
  ): AsyncGenerator<{ readonly stamp: Stamp; readonly object: DescribedObject }, void, undefined> {
    for await (const { stamp, object } of this.#stream.history(target, options)) {
      yield { stamp, object: await this.#described(object, undefined, options) }
    }
  }

  async *#objects(
    options: ObjectsOptions | TypedObjectsOptions<unknown>,
  ): AsyncGenerator<DescribedObject, void, undefined> {
    const { type, signal, timeoutMs } = options
    const decode = isReader(type) ? (body: Uint8Array) => type.decode(body) : undefined
    for await (const object of this.#stream.objects(options)) {
      yield await this.#described(object, decode, { signal, timeoutMs })
    }
  }

  async #described(
    object: StreamObject,
    decode: ((body: Uint8Array) => unknown) | undefined,
    wait: WaitOptions | undefined,
  ): Promise<DescribedObject> {
    const { descriptor } = object
    const type = descriptor === 0 ? undefined : await this.#stream.type(descriptor, wait)
    return new DescribedObject(object, type, decode)
  }
}

function isReader(type: unknown): type is { decode(body: Uint8Array): unknown } {
  return typeof (type as { decode?: unknown } | undefined)?.decode === 'function'
}
