import type { WaitOptions } from '@datagram/log-core'
import { indexError } from './index-errors.ts'
import type { IndexSnapshot } from './ordered-index.ts'
import type { IndexScan, RangeOptions } from './ordered-reader.ts'
import type { MapReads } from './map-reads.ts'
import { snapshotGone } from './snapshot-source.ts'

/** What a snapshot stands on. */
export interface SnapshotView {
  /** Lets go of its blocks. */
  readonly unpin: () => void
  /** Whether it is not to be read any more, since what was forgotten may be in it. */
  readonly isGone: () => boolean
}

/** A snapshot of a map: reads of one view, whose blocks stay until it is closed. */
export class Snapshot implements IndexSnapshot {
  readonly #reads: MapReads
  readonly #view: SnapshotView
  #closed = false

  constructor(reads: MapReads, view: SnapshotView) {
    this.#reads = reads
    this.#view = view
  }

  async get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.getNow(key, options)
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#assertOpen()
    return this.#reads.getNow(key, options)
  }

  async getMany(
    keys: readonly Uint8Array[],
    options?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    return this.#reads.getMany(keys, options)
  }

  range(options: RangeOptions = {}): IndexScan {
    this.#assertOpen()
    return this.#reads.range(options)
  }

  close(): void {
    this.#closed = true
    this.#view.unpin()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #assertOpen(): void {
    if (!this.#closed) {
      if (this.#view.isGone()) throw snapshotGone()
      return
    }
    throw indexError('INDEX_SNAPSHOT_CLOSED', 'the snapshot is closed; take another one')
  }
}
