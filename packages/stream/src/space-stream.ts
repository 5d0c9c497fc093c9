import { isDatagramError } from '@datagram/errors'
import type { WaitOptions } from '@datagram/log-core'
import { changeFeed } from './change-feed.ts'
import { checkout } from './checkout.ts'
import { Contents } from './contents.ts'
import { Copies } from './copies.ts'
import { decodeDescriptor, type DescriptorRecord, descriptorKey } from './descriptor-record.ts'
import { downloadObjects } from './download-objects.ts'
import { followAlone } from './follow-alone.ts'
import type {
  Change,
  ChangesOptions,
  InterfaceStream,
  LiveReader,
  Moment,
  ObjectHistoryOptions,
  ObjectsDownloadOptions,
  ObjectsOptions,
  ObjectVersion,
  PastOptions,
  Pointer,
  ReadOptions,
  Retain,
  StreamObject,
  StreamSnapshot,
  StreamStatus,
  Transaction,
  UpdateOptions,
} from './interface-stream.ts'
import { STREAM_SPACE } from './key-space.ts'
import { queriedObjects } from './queried-objects.ts'
import { objectHistory } from './object-history.ts'
import { pastChanges } from './past-changes.ts'
import { SpaceSnapshot } from './space-snapshot.ts'
import type { StreamCore } from './stream-core.ts'
import { objectNotFound } from './stream-errors.ts'
import { isObjectRange, isTarget, objectNumbersIn, spanOf } from './read-target.ts'
import type { EntryRange, ObjectRange, Target, TargetStatus } from './target.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import type { StreamType } from './stream-type.ts'

// How often an author may move what is just being fetched again.
const ATTEMPTS_MAX = 5

/** A stream as the interface of one key space sees it. */
export class SpaceStream implements InterfaceStream {
  readonly index: LiveReader
  readonly signal: AbortSignal
  readonly #core: StreamCore
  readonly #space: number
  readonly #contents: Contents
  readonly #copies: Copies

  /** `signal` is aborted when the stream begins to close. */
  constructor(core: StreamCore, space: number, signal: AbortSignal) {
    this.#core = core
    this.#space = space
    this.signal = signal
    this.index = core.reader(space)
    this.#copies = new Copies(core, space)
    this.#contents = new Contents(core.parts.index, {
      bodies: core.bodies,
      assertOpen: core.assertUsable,
      failure: core.failure,
    })
  }

  get name(): string {
    return this.#core.parts.name
  }

  get writable(): boolean {
    return this.#core.writable
  }

  write<T>(fn: (tx: Transaction) => T | Promise<T>, options?: WaitOptions): Promise<T> {
    if (typeof fn !== 'function') {
      return Promise.reject(new TypeError('write takes a function that is given the transaction'))
    }
    return this.#core.write(this.#space, fn, options)
  }

  at(n: number, options?: WaitOptions): Promise<StreamObject | undefined> {
    return this.#contents.at(n, options)
  }

  count(options?: WaitOptions): Promise<number> {
    return this.#contents.count(options)
  }

  add<T>(
    descriptor: StreamDescriptor<T, unknown>,
    data: T,
    options?: WaitOptions,
  ): Promise<Pointer> {
    return this.write((tx) => tx.append(data, descriptor), options)
  }

  objects({ type, where, ...options }: ObjectsOptions = {}): AsyncIterable<StreamObject> {
    if (type === undefined && where === undefined) return this.#contents.objects(options)
    this.#core.assertUsable()
    return queriedObjects(this.#core, this.#contents, { type, where, ...options })
  }

  async download(
    objects: Iterable<number | Pick<Pointer, 'n'>>,
    options: ObjectsDownloadOptions = {},
  ): Promise<void> {
    this.#core.assertUsable()
    await downloadObjects(this.#core, this.#contents, objects, options)
  }

  types(options?: WaitOptions): Promise<readonly StreamType[]> {
    return this.#core.types.all(options)
  }

  type(number: number, options?: WaitOptions): Promise<StreamType | undefined> {
    return this.#core.types.get(number, options)
  }

  async descriptor(number: number, options?: WaitOptions): Promise<DescriptorRecord | undefined> {
    const record = await this.#core.reader(STREAM_SPACE).get(descriptorKey(number), options)
    return record && decodeDescriptor(record)
  }

  async read(pointer: Pick<Pointer, 'n'>, options?: ReadOptions): Promise<Uint8Array> {
    const object = await this.#object(pointer, options)
    return object.read(options)
  }

  async *readStream(
    pointer: Pick<Pointer, 'n'>,
    options?: ReadOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const object = await this.#object(pointer, options)
    yield* object.stream(options)
  }

  changes({ from, signal }: ChangesOptions = {}): AsyncIterable<Change> {
    return changeFeed(this.#core, this.#space, { from, signal: this.#either(signal) })
  }

  past({ signal, ...options }: PastOptions = {}): AsyncIterable<Change> {
    return pastChanges(this.#core, this.#space, { ...options, signal: this.#either(signal) })
  }

  moment(): Moment {
    this.#core.assertUsable()
    return { position: this.#core.shown, transactions: 0 }
  }

  async checkout(moment: Moment, { signal, timeoutMs }: WaitOptions = {}): Promise<StreamSnapshot> {
    const wait = { signal: this.#either(signal), timeoutMs }
    return checkout(this.#core, this.#space, { moment, ...wait })
  }

  snapshot(): StreamSnapshot {
    this.#core.assertUsable()
    return new SpaceSnapshot(this.#core, this.#space, this.#core.parts.index.snapshot())
  }

  async forget(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void> {
    for (const target of targets) isTarget(target)
    const { alone } = this.#core.parts
    if (!this.writable && alone !== undefined) {
      await this.#copies.forgetAlone(await this.#each(targets), alone)
      return
    }
    // Nothing before this: it takes its turn at the call, as every write does.
    await this.write(async (tx) => {
      for (const target of targets) {
        if (isTarget(target)) tx.forget(target)
        else await tx.forgetRange(target)
      }
    })
    await this.#core.forgetter.run()
  }

  async evict(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void> {
    this.#core.assertUsable()
    await this.#copies.evict(await this.#each(targets))
  }

  async refetch(...targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<void> {
    this.#core.assertUsable()
    const { alone } = this.#core.parts
    if (alone === undefined) return
    // Its author may have moved it since, and may do so just now.
    await this.#moveOn()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#copies.refetch(await this.#each(targets), alone)
      } catch (error) {
        const mayHaveMoved = isDatagramError(error, 'BLOCK_UNAVAILABLE') && attempt < ATTEMPTS_MAX
        if (!mayHaveMoved || !(await this.#moveOn())) throw error
      }
    }
  }

  retain(policy: Retain | undefined): void {
    this.#core.retention.set(policy)
  }

  update(options?: WaitOptions): Promise<boolean>
  update<T>(
    target: Pick<Pointer, 'n'>,
    value: T | Uint8Array | string,
    options?: UpdateOptions<T>,
  ): Promise<Pointer>
  async update<T>(
    first?: WaitOptions | Pick<Pointer, 'n'>,
    ...[value, options]: readonly [(T | Uint8Array | string)?, UpdateOptions<T>?]
  ): Promise<boolean | Pointer> {
    if (first === undefined || !('n' in first)) return this.#moveOn(first)
    const { signal, timeoutMs, ...rest } = options ?? {}
    // What is no value, `undefined` too, is refused there.
    return this.write((tx) => tx.update(first, value as T, rest), { signal, timeoutMs })
  }

  history(
    target: Pick<Pointer, 'n'>,
    options?: ObjectHistoryOptions,
  ): AsyncIterable<ObjectVersion> {
    this.#core.assertUsable()
    return objectHistory(this.#core, target.n, {
      ...options,
      signal: this.#either(options?.signal),
    })
  }

  async #moveOn(options?: WaitOptions): Promise<boolean> {
    const hasMoved = await this.#core.update(options)
    await followAlone(this.#core, options)
    return hasMoved
  }

  status(): StreamStatus
  status(target: Target, options?: WaitOptions): Promise<TargetStatus | undefined>
  status(target?: Target, options?: WaitOptions): StreamStatus | Promise<TargetStatus | undefined> {
    this.#core.assertUsable()
    if (target === undefined) return this.#core.status()
    return this.#copies.status(target, options)
  }

  async #each(targets: readonly (Target | ObjectRange | EntryRange)[]): Promise<Target[]> {
    const each: Target[] = []
    for (const target of targets) {
      if (isTarget(target)) each.push(target)
      else if (isObjectRange(target)) {
        each.push(...objectNumbersIn(target, await this.count()).map((n) => ({ n })))
      } else {
        const { from, to } = spanOf(target)
        for await (const key of this.index.keys({ gte: from, lt: to })) each.push(key)
      }
    }
    return each
  }

  #either(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.signal : AbortSignal.any([signal, this.signal])
  }

  async #object(pointer: Pick<Pointer, 'n'>, wait?: WaitOptions): Promise<StreamObject> {
    const { n } = pointer
    const object = await this.#contents.at(n, wait)
    if (object !== undefined) return object
    throw objectNotFound(n)
  }
}
