import {
  type BlockRange,
  growsBeyond,
  type HybridClock,
  type Lifecycle,
  type ReadableLog,
  type WaitOptions,
} from '@datagram/log-core'
import type { Compactor } from './compactor.ts'
import type { Flusher } from './flusher.ts'
import { notWritable } from './follower.ts'
import { encodeHead } from './head.ts'
import { hashKey } from './key-hash.ts'
import { MapReads, type MapReadsContext } from './map-reads.ts'
import type { MapState } from './map-state.ts'
import type {
  AppliedAt,
  Index,
  IndexOperation,
  IndexSnapshot,
  IndexStats,
} from './ordered-index.ts'
import type { IndexEntry, IndexScan, RangeOptions } from './ordered-reader.ts'
import { checkOperations } from './operation-check.ts'
import type { PageStore } from './page-store.ts'
import { Prefetch } from './prefetch.ts'
import { allRuns } from './run.ts'
import { Snapshot } from './snapshot.ts'
import { SnapshotSource } from './snapshot-source.ts'
import type { SupersededBlocks } from './superseded-blocks.ts'
import type { Sweeper } from './sweeper.ts'
import type { TreeWriter } from './tree-writer.ts'
import type { Upkeep } from './upkeep.ts'
import { treeBlocks, type View, type ViewSource } from './view.ts'

/** What writes an index of one's own, for its statistics. */
export interface IndexWriting {
  readonly writer: TreeWriter
  readonly flusher: Flusher
  readonly compactor: Compactor
}

/** What an index is made of. */
export interface IndexParts {
  readonly log: ReadableLog
  readonly lifecycle: Lifecycle
  readonly state: MapState
  readonly pages: PageStore
  readonly superseded: SupersededBlocks
  readonly sweeper: Sweeper
  readonly clock: HybridClock
  readonly upkeep: Upkeep
  /** Absent on a replica. */
  readonly writing: IndexWriting | undefined
}

/** An {@link Index}, own or somebody else's; the difference is in its upkeep. */
export class LogIndex implements Index, ViewSource {
  readonly #parts: IndexParts
  readonly #reads: MapReads
  readonly #context: MapReadsContext
  // Whether positions are a data log's or counted here; an index takes one kind.
  #journalled: boolean | undefined
  // Snapshots of older heads than this one's block are not to be read any more, though they may lie in memory.
  #goneBelow = -1

  constructor(parts: IndexParts) {
    this.#parts = parts
    const { lifecycle, pages, superseded, writing } = parts
    this.#context = {
      pages,
      prefetch: writing === undefined ? new Prefetch(pages) : undefined,
      pin: ({ tree }) => superseded.pin(tree),
      assertOpen: () => lifecycle.assertOpen(),
    }
    this.#reads = new MapReads(this, this.#context)
  }

  get log(): ReadableLog {
    return this.#parts.log
  }

  get writable(): boolean {
    return this.#parts.writing !== undefined
  }

  get covers(): number {
    return this.#parts.state.tree.head.covers
  }

  get problem(): Error | undefined {
    return this.#parts.upkeep.problem
  }

  view(): View {
    return this.#parts.state.view()
  }

  async renew(failed: View, error: unknown, wait: WaitOptions): Promise<View> {
    const { state, upkeep } = this.#parts
    const isNewer = () => state.tree.block > failed.tree.block
    const { log } = this.#parts
    const { length } = log
    if (!isNewer()) await upkeep.update(wait)
    if (!isNewer() && (await growsBeyond(log, length, wait))) await upkeep.update(wait)
    this.#parts.lifecycle.assertOpen()
    if (!isNewer()) throw error
    return state.view()
  }

  apply(operations: readonly IndexOperation[], at: AppliedAt): void {
    if (this.#journalled === false) throw mixedUse()
    this.#apply(operations, at)
    this.#journalled = true
  }

  async ready(): Promise<void> {
    this.#parts.lifecycle.assertOpen()
    await this.#parts.upkeep.ready()
  }

  async batch(operations: readonly IndexOperation[]): Promise<void> {
    this.#parts.lifecycle.assertOpen()
    if (!this.writable) throw notWritable(this.#parts.log)
    if (this.#journalled === true) throw mixedUse()
    const { state, clock, upkeep } = this.#parts
    this.#apply(operations, { position: state.position + 1, stamp: clock.next() })
    this.#journalled = false
    state.journalled = false
    await upkeep.flush()
  }

  async flush(): Promise<void> {
    this.#parts.lifecycle.assertOpen()
    await this.#parts.upkeep.flush()
  }

  async compact(): Promise<void> {
    this.#parts.lifecycle.assertOpen()
    await this.#parts.upkeep.compact()
  }

  async dropSuperseded(): Promise<void> {
    this.#parts.lifecycle.assertOpen()
    this.#goneBelow = this.#parts.state.tree.block
    await this.#parts.upkeep.dropSuperseded()
  }

  async update(options: WaitOptions = {}): Promise<boolean> {
    this.#parts.lifecycle.assertOpen()
    return this.#parts.upkeep.update(options)
  }

  get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    try {
      const found = this.#reads.getNow(key, options)
      return found instanceof Promise ? found : Promise.resolve(found)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#reads.getNow(key, options)
  }

  rangeNow(options: RangeOptions = {}): IndexEntry[] | undefined {
    return this.#reads.rangeNow(options)
  }

  getMany(keys: readonly Uint8Array[], options?: WaitOptions): Promise<(Uint8Array | undefined)[]> {
    return this.#reads.getMany(keys, options)
  }

  range(options: RangeOptions = {}): IndexScan {
    return this.#reads.range(options)
  }

  snapshot(): IndexSnapshot {
    this.#parts.lifecycle.assertOpen()
    const source = new SnapshotSource(this)
    const view = source.view()
    return new Snapshot(new MapReads(source, this.#context), {
      unpin: this.#context.pin(view),
      isGone: () => view.tree.block < this.#goneBelow,
    })
  }

  liveRanges(): BlockRange[] {
    return treeBlocks(this.#parts.state.tree)
  }

  stats(): IndexStats {
    const { state, pages, superseded, sweeper, writing } = this.#parts
    const { block, head } = state.tree
    const runs = allRuns(head.tiers).filter(({ groups }) => groups.length > 0)
    const total = (of: (run: (typeof runs)[number]) => number) =>
      runs.reduce((sum, run) => sum + of(run), 0)
    return {
      covers: head.covers,
      headBlock: block,
      runs: runs.length,
      entries: total(({ entries }) => entries),
      tombstones: total(({ tombstones }) => tombstones),
      liveBlocks: this.liveRanges().reduce((sum, { start, end }) => sum + end - start, 0),
      liveBytes: total(({ bytes }) => bytes) + (block === -1 ? 0 : encodeHead(head).length),
      supersededBlocks: superseded.blocks,
      memoryOperations: state.memoryOperations,
      memoryBytes: state.memoryBytes,
      cacheBytes: pages.cacheBytes,
      appendedBytes: writing?.writer.appendedBytes ?? 0,
      flushes: writing?.flusher.flushes ?? 0,
      mergeSteps: writing?.compactor.steps ?? 0,
      droppedBlocks: sweeper.droppedBlocks,
    }
  }

  close(): Promise<void> {
    const { lifecycle, upkeep, pages } = this.#parts
    return lifecycle.close(async () => {
      await upkeep.close()
      pages.clear()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #apply(operations: readonly IndexOperation[], { position, stamp }: AppliedAt): void {
    const { lifecycle, state, upkeep } = this.#parts
    lifecycle.assertOpen()
    checkOperations(operations)
    if (position <= this.covers) return
    if (!Number.isSafeInteger(position) || position <= state.position) {
      throw new TypeError(`position ${position} is not above ${state.position}, the last one`)
    }
    const table = state.active
    table.begin(position, stamp)
    for (const operation of operations) {
      const { key } = operation
      table.add(key, hashKey(key), operation.type === 'put' ? operation.value : undefined)
    }
    state.changed()
    upkeep.applied()
  }
}

function mixedUse(): TypeError {
  return new TypeError(
    'an index takes operations from a data log (apply) or alone (batch), not both',
  )
}
