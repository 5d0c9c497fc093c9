import type { EntryView } from './entry-view.ts'
import type { KeyBounds } from './key-bounds.ts'
import { copyWindow } from './byte-copies.ts'
import { MemtableCursor } from './memtable-cursor.ts'
import { MergeCursor } from './merge-cursor.ts'
import type { IndexEntry, IndexScan, RangeOptions } from './ordered-reader.ts'
import type { PageStore } from './page-store.ts'
import { planWindows } from './range-plan.ts'
import { far, NEAR } from './read-ahead.ts'
import type { RunCursor } from './run-cursor.ts'
import { snapshotGone } from './snapshot-source.ts'
import { treeCursors } from './tree-cursors.ts'
import { isGone } from './unavailable.ts'
import type { View, ViewSource } from './view.ts'

// Entries merged at once. More would only delay the first.
const BATCH_ENTRIES = 128
// A scan of cached pages never waits, so now and then it lets the event loop's other work in.
const TURN_MS = 8
const RENEWALS_MAX = 4

/** What a scan needs of the index beside its view. */
export interface RangeScanContext {
  readonly source: ViewSource
  readonly pages: PageStore
  /** Whether blocks may be on another machine. */
  readonly isFar: boolean
  /** Keeps the blocks of a view on this machine until the returned function is called. */
  readonly pin: (view: View) => () => void
  /** Throws when the index is closed. */
  readonly assertOpen: () => void
}

type Result = IteratorResult<IndexEntry, undefined>

// A scan that is neither finished nor closed but forgotten lets go of its blocks when it is collected.
const forgotten = new FinalizationRegistry<() => void>((unpin) => unpin())

/**
 * The entries within bounds at one moment, as an async iterator: hand-written, as an entry costs less
 * than a step of an async generator.
 *
 * Calls of `next` may overlap; they are answered in order.
 */
export class RangeScan implements IndexScan {
  readonly #context: RangeScanContext
  readonly #options: RangeOptions
  readonly #bounds: KeyBounds
  #view: View
  #unpin: () => void
  #merge: MergeCursor | undefined
  #unplanned: readonly RunCursor[] = []
  #batch: IndexEntry[] = []
  #batchAt = 0
  #left: number
  // Whether an entry was handed out: from then on only the first view will do.
  #begun = false
  #done = false
  #filling: Promise<void> | undefined
  #turnBegan = performance.now()

  constructor(context: RangeScanContext, bounds: KeyBounds, options: RangeOptions) {
    this.#context = context
    this.#options = options
    this.#bounds = bounds
    this.#left = options.limit ?? Number.POSITIVE_INFINITY
    this.#view = context.source.view()
    this.#unpin = context.pin(this.#view)
    forgotten.register(this, this.#unpin, this)
    if (this.#left <= 0) this.#finish()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result> {
    return Promise.resolve(this.nextNow())
  }

  nextNow(): Result | Promise<Result> {
    if (this.#filling === undefined && this.#batchAt < this.#batch.length) {
      return { done: false, value: this.#batch[this.#batchAt++] as IndexEntry }
    }
    return this.#nextFilled()
  }

  async return(): Promise<Result> {
    this.#finish()
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<Result> {
    this.#finish()
    throw error
  }

  async nextBatch(): Promise<readonly IndexEntry[]> {
    while (this.#needsFill()) await this.#filling
    const batch = this.#batch.slice(this.#batchAt)
    this.#batchAt = this.#batch.length
    return batch
  }

  async #nextFilled(): Promise<Result> {
    while (this.#needsFill()) await this.#filling
    if (this.#batchAt === this.#batch.length) return { done: true, value: undefined }
    return { done: false, value: this.#batch[this.#batchAt++] as IndexEntry }
  }

  // Whether an entry is still to come, and then it is on its way.
  #needsFill(): boolean {
    if (this.#filling !== undefined) return true
    if (this.#done || this.#batchAt < this.#batch.length) return false
    this.#context.assertOpen()
    this.#merge ??= this.#begin()
    // Nothing is waited for where the head of the index says that there is nothing: most scans of a stream that opens.
    if (this.#merge.state === 'done') {
      this.#end()
      return false
    }
    this.#filling = this.#fill().finally(() => {
      this.#filling = undefined
    })
    return true
  }

  async #fill(): Promise<void> {
    if (performance.now() - this.#turnBegan > TURN_MS) {
      await new Promise(setImmediate)
      this.#turnBegan = performance.now()
    }
    for (let renewals = 0; ; renewals++) {
      try {
        if (this.#done) return
        // The scan may be ended while it waits.
        const merge = (this.#merge ??= this.#begin())
        if (this.#unplanned.length > 0) await this.#plan()
        if (merge.state === 'stalled') await merge.load()
        break
      } catch (error) {
        await this.#recover(error, renewals)
      }
    }
    if (!this.#done && this.#merge !== undefined) this.#collect(this.#merge)
  }

  #begin(): MergeCursor {
    const { limit, reverse = false, signal, timeoutMs } = this.#options
    const cursors = treeCursors(this.#view.tree.head.tiers, this.#context.pages, {
      bounds: this.#bounds,
      reverse,
      lending: true,
      eager: limit === undefined,
      keep: 'offer',
      ahead: this.#context.isFar ? far(limit) : NEAR,
      wait: { signal, timeoutMs },
    })
    this.#unplanned = limit === undefined ? [] : cursors
    const recent = this.#view.memtables.map(
      (table) => new MemtableCursor(table, this.#bounds, reverse),
    )
    return new MergeCursor([...recent, ...cursors], reverse)
  }

  // What a scan with a limit reads first depends on the fences.
  async #plan(): Promise<void> {
    const { limit, reverse = false } = this.#options
    if (limit === undefined) return
    await Promise.all(this.#unplanned.map((cursor) => cursor.loadFences()))
    planWindows(this.#unplanned, limit, reverse)
    this.#unplanned = []
  }

  // Before the first entry a newer view does as well; after it the moment is settled.
  async #recover(error: unknown, renewals: number): Promise<void> {
    if (!isGone(error) || renewals === RENEWALS_MAX) {
      this.#finish()
      throw error
    }
    const view = await this.#context.source.renew(this.#view, error, this.#options)
    if (this.#begun) {
      this.#finish()
      throw snapshotGone(error)
    }
    this.#merge = undefined
    if (this.#done) return
    this.#unpin()
    this.#unpin = this.#context.pin(view)
    forgotten.unregister(this)
    forgotten.register(this, this.#unpin, this)
    this.#view = view
  }

  #collect(merge: MergeCursor): void {
    const batch: IndexEntry[] = []
    while (merge.state === 'ready' && batch.length < BATCH_ENTRIES && batch.length < this.#left) {
      if (!merge.entry.tombstone) batch.push(handOut(merge.entry, merge.lends))
      merge.advance()
    }
    this.#batch = batch
    this.#batchAt = 0
    this.#left -= batch.length
    this.#begun ||= batch.length > 0
    if (this.#left === 0 || merge.state === 'done') this.#end()
  }

  // Nothing more is read; what is in the batch is still handed out.
  #end(): void {
    this.#done = true
    this.#merge = undefined
    this.#unpin()
    forgotten.unregister(this)
  }

  #finish(): void {
    this.#end()
    this.#batch = []
    this.#batchAt = 0
  }
}

function handOut(entry: EntryView, lent: boolean): IndexEntry {
  const { keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd } = entry
  if (!lent)
    return [copyWindow(keyBytes, keyStart, keyEnd), copyWindow(valueBytes, valueStart, valueEnd)]
  return [
    new Uint8Array(keyBytes.buffer, keyBytes.byteOffset + keyStart, keyEnd - keyStart),
    new Uint8Array(valueBytes.buffer, valueBytes.byteOffset + valueStart, valueEnd - valueStart),
  ]
}
