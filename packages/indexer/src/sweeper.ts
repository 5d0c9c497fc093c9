import { type ReadableLog, reachStep } from '@datagram/log-core'
import type { PageStore } from './page-store.ts'
import type { SupersededBlocks } from './superseded-blocks.ts'

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
    return due !== undefined && due <= Date.now() && this.#ranges(false).length > 0
  }

  /** Drops what is due; with `all`, everything that no snapshot needs. Rejects as `evict` does. */
  async sweep(all: boolean): Promise<void> {
    for (const range of this.#ranges(all)) {
      reachStep('index.evict.before')
      await this.#log.evict(range)
      this.#superseded.dropped(range)
      this.#pages.drop(range.start, range.end)
      this.droppedBlocks += range.end - range.start
      reachStep('index.evict.after')
    }
  }

  #ranges(all: boolean) {
    return this.#superseded.due(Date.now(), this.#graceMs, all)
  }
}
