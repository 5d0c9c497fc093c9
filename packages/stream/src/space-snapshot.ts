import type { IndexEntry, OrderedReader, RangeOptions } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import type { EntryReader, PartOptions, StreamSnapshot } from './interface-stream.ts'
import type { StreamCore } from './stream-core.ts'
import { streamError } from './stream-errors.ts'

/** The index at one moment, all key spaces. */
export interface SnapshotSource extends OrderedReader {
  close(): void
}

/** One key space as it was at one moment. */
export class SpaceSnapshot implements StreamSnapshot {
  readonly #source: SnapshotSource
  readonly #reader: EntryReader
  readonly #release: () => void
  #isClosed = false

  /** It closes `source` when it is closed. */
  constructor(core: StreamCore, space: number, source: SnapshotSource) {
    this.#source = source
    core.snapshots++
    this.#release = () => core.snapshots--
    this.#reader = core.reader(space, source)
  }

  async get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    this.#assertOpen()
    return this.#reader.get(key, options)
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#assertOpen()
    return this.#reader.getNow(key, options)
  }

  async getPart(key: Uint8Array, options?: PartOptions): Promise<Uint8Array | undefined> {
    this.#assertOpen()
    return this.#reader.getPart(key, options)
  }

  async getMany(
    keys: readonly Uint8Array[],
    options?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    return this.#reader.getMany(keys, options)
  }

  async has(key: Uint8Array, options?: WaitOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#reader.has(key, options)
  }

  range(options?: RangeOptions): AsyncIterableIterator<IndexEntry, undefined> {
    this.#assertOpen()
    return this.#reader.range(options)
  }

  keys(options?: RangeOptions): AsyncIterableIterator<Uint8Array, undefined> {
    this.#assertOpen()
    return this.#reader.keys(options)
  }

  close(): void {
    if (!this.#isClosed) this.#release()
    this.#isClosed = true
    this.#source.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw streamError('SNAPSHOT_CLOSED', 'the snapshot is closed; take another one')
  }
}
