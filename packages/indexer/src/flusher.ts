import { reachStep } from '@datagram/log-core'
import type { SizesFor } from './compactor.ts'
import type { EventLoopTurn } from './event-loop-turn.ts'
import { sampleKeys, writeMemtable } from './flush.ts'
import type { MapState } from './map-state.ts'
import type { Memtable } from './memtable.ts'
import { estimateOverlap } from './overlap.ts'
import type { Pace } from './pace.ts'
import type { PageStore } from './page-store.ts'
import { allRuns } from './run.ts'
import type { TreeWriter } from './tree-writer.ts'
import { placeRun } from './written-run.ts'

// How much more than usual waits for a flush while merges are behind.
const PATIENCE = 2
// What a reader may have to replay after a while without writes.
const IDLE_BYTES_MAX = 16 * 1024
const IDLE_POSITIONS_MAX = 64
// Operations that wait in memory, as a part of a flush's, when one is due and cannot begin.
const OVERFULL = 1.25
// Keys looked for in older runs to see how much a flush overwrites.
const SAMPLE_KEYS = 48
// When flushes overwrite this much, they are kept small beside the map: what they make superfluous
// stays in the log until a merge.
const OVERLAP_HIGH = 0.3
const FLUSH_BYTES_MIN = 256 * 1024

/** When operations are flushed. */
export interface FlushLimits {
  readonly flushBytes: number
  readonly flushPositions: number
}

/** Writes what is in memory as a run of its own. */
export class Flusher {
  readonly #state: MapState
  readonly #pages: PageStore
  readonly #writer: TreeWriter
  readonly #sizesFor: SizesFor
  readonly #pace: Pace
  readonly #limits: FlushLimits
  // Part of the last flush's keys that older runs had already.
  #overlap = 0
  /** Flushes since the index was opened. */
  flushes = 0

  constructor(
    state: MapState,
    pages: PageStore,
    writer: TreeWriter,
    sizesFor: SizesFor,
    pace: Pace,
    limits: FlushLimits,
  ) {
    this.#state = state
    this.#pages = pages
    this.#writer = writer
    this.#sizesFor = sizesFor
    this.#pace = pace
    this.#limits = limits
  }

  /**
   * Whether memory may take more: what merges owe holds it back, and a flush that is due for a while.
   * The next flush waits for no more than one that is under way, so memory holds two at most.
   */
  get hasRoom(): boolean {
    const { active, memoryBytes } = this.#state
    const part = this.#pace.part
    return memoryBytes === 0 || active.bytes < (part === 1 ? OVERFULL : part) * this.#bytesMax
  }

  /** Whether it is time to flush, without anybody asking for it. */
  isDue(idle: boolean): boolean {
    const { active, frozen, tree, position } = this.#state
    if (frozen !== undefined) return true
    if (active.frames === 0) return false
    if (idle && this.exceedsIdle) return true
    const positions = position - tree.head.covers
    const bytesMax = this.#bytesMax
    // While merges are owed a flush waits for them, but not for ever: somebody may not await `ready`.
    const patience = this.#pace.part === 1 ? 1 : PATIENCE
    const { flushPositions } = this.#limits
    return active.bytes >= patience * bytesMax || positions >= patience * flushPositions
  }

  /** Whether a reader would have more to replay than it should after a while without writes. */
  get exceedsIdle(): boolean {
    const { memoryBytes, position, tree } = this.#state
    return memoryBytes > IDLE_BYTES_MAX || position - tree.head.covers > IDLE_POSITIONS_MAX
  }

  /** Appends the operations in memory, or those of a flush that failed, and lets go of them. */
  async flush(turn: EventLoopTurn): Promise<void> {
    const table = this.#state.freeze()
    const { tree } = this.#state
    const { tiers } = tree.head
    reachStep('index.flush.before')
    const groups = await writeMemtable(table, this.#sizesFor(table.bytes), tiers.length > 0, turn)
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0)
    const superseded = Math.round(bytes * (await this.#superfluousPart(table)))
    const next = await this.#writer.commit(tree, groups, (start) => {
      const run = placeRun(groups, start, superseded)
      const added = groups.length === 0 ? [] : [{ run, merge: undefined }]
      return { covers: table.position, tiers: [...added, ...tiers] }
    })
    this.#state.install(next)
    this.#pace.flushed(next.head.tiers, bytes)
    this.flushes += 1
    reachStep('index.flush.after')
  }

  get #bytesMax(): number {
    const { flushBytes } = this.#limits
    if (this.#overlap < OVERLAP_HIGH) return flushBytes
    const runs = allRuns(this.#state.tree.head.tiers)
    const live = runs.reduce((sum, { bytes }) => sum + bytes, 0)
    return Math.min(flushBytes, Math.max(FLUSH_BYTES_MIN, live / 8))
  }

  // How many bytes the table makes superfluous, as a part of its own: what it overwrites, tombstones.
  async #superfluousPart(table: Memtable): Promise<number> {
    const { tiers } = this.#state.tree.head
    const keys = sampleKeys(table, SAMPLE_KEYS)
    this.#overlap = await estimateOverlap(tiers, keys, this.#pages)
    return this.#overlap + table.tombstonePart
  }
}
