import type { WaitOptions } from '@datagram/log-core'
import { toKeyBounds } from './key-bounds.ts'
import type { IndexEntry, IndexScan, RangeOptions } from './ordered-reader.ts'
import type { PageStore } from './page-store.ts'
import { PointReads } from './point-reads.ts'
import type { Prefetch } from './prefetch.ts'
import { rangeNow } from './range-now.ts'
import { RangeScan } from './range-scan.ts'
import type { View, ViewSource } from './view.ts'

/** What reads need beside their view. */
export interface MapReadsContext {
  readonly pages: PageStore
  /** Given where blocks may be far away. */
  readonly prefetch: Prefetch | undefined
  /** Keeps the blocks of a view on this machine until the returned function is called. */
  readonly pin: (view: View) => () => void
  /** Throws when the index is closed. */
  readonly assertOpen: () => void
}

/** All reads of a map: the live one or a snapshot, as the source says. */
export class MapReads {
  readonly #points: PointReads
  readonly #source: ViewSource
  readonly #context: MapReadsContext

  constructor(source: ViewSource, context: MapReadsContext) {
    this.#source = source
    this.#context = context
    this.#points = new PointReads(source, context.pages, context.prefetch)
  }

  getNow(
    key: Uint8Array,
    wait?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#context.assertOpen()
    return this.#points.getNow(key, wait)
  }

  rangeNow(options: RangeOptions): IndexEntry[] | undefined {
    this.#context.assertOpen()
    return rangeNow(this.#source.view(), this.#context.pages, options)
  }

  async getMany(
    keys: readonly Uint8Array[],
    wait?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    this.#context.assertOpen()
    return this.#points.getMany(keys, wait)
  }

  range(options: RangeOptions): IndexScan {
    this.#context.assertOpen()
    const { limit } = options
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0) && limit !== Infinity) {
      throw new TypeError('the limit of a range is a whole number, 0 or more')
    }
    const { prefetch } = this.#context
    const context = { ...this.#context, source: this.#source, isFar: prefetch !== undefined }
    const bounded = limit === Infinity ? { ...options, limit: undefined } : options
    return new RangeScan(context, toKeyBounds(options), bounded)
  }
}
