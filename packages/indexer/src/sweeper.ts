import { type ReadableLog, reachStep } from '@datagram/log-core'
import type { PageStore } from './page-store.ts'
import type { SupersededBlocks, SweptBlocks } from './superseded-blocks.ts'

/** Drops superseded blocks from the log and from memory. */
export class Sweeper {
  readonly #log: ReadableLog
  readonly #pages: PageStore
  readonly #superseded: SupersededBlocks
  readonly #graceMs: number
  /** Blocks dropped since the index was opened. */
  droppedBlocks = 0

  constructor(log: ReadableLog, pages: PageStore, superseded: SupersededBlocks, graceMs: number) {
    this.#log = log
    this.#pages = pages
    this.#superseded = superseded
    this.#graceMs = graceMs
  }

  /** When something may next be dropped, in milliseconds since 1970. */
  get dueMs(): number | undefined {
    return this.#superseded.dueMs(this.#graceMs)
  }

  /** Whether there is something to drop now. */
  get isDue(): boolean {
    const due = this.dueMs
    return due !== undefined && due <= Date.now() && this.#ranges('due').length > 0
  }

  /** Drops what is due, all that no snapshot needs, or everything. Rejects as `forget` does. */
  async sweep(what: SweptBlocks): Promise<void> {
    for (const range of this.#ranges(what)) {
      reachStep('index.evict.before')
      // Nothing needs them any more, so they are not to come back from a peer either.
      await this.#log.forget(range)
      this.#superseded.dropped(range)
      this.#pages.drop(range.start, range.end)
      this.droppedBlocks += range.end - range.start
      reachStep('index.evict.after')
    }
  }

  #ranges(what: SweptBlocks) {
    return this.#superseded.due(Date.now(), this.#graceMs, what)
  }
}
