import type { EventLoopTurn } from './event-loop-turn.ts'
import type { GroupSizes } from './group-writer.ts'
import { MergeJob } from './merge-job.ts'
import type { Pace } from './pace.ts'
import type { PageStore } from './page-store.ts'
import { allRuns, EMPTY_RUN, type Tier } from './run.ts'
import type { TreeWriter } from './tree-writer.ts'
import type { Tree } from './view.ts'
import { type CompactionPlan, planCompaction } from './compaction-plan.ts'
import { reachStep } from '@datagram/log-core'

/** Sizes of a run of so many bytes. */
export type SizesFor = (bytes: number) => GroupSizes

/**
 * Merges runs step by step. A merge that was under way when the index was last closed goes on from
 * where its head says.
 */
export class Compactor {
  readonly #writer: TreeWriter
  readonly #pages: PageStore
  readonly #sizesFor: SizesFor
  readonly #pace: Pace
  readonly #runsMax: number
  // The merges under way, by their tier in the present tree.
  readonly #jobs = new Map<Tier, MergeJob>()
  /** Steps since the index was opened. */
  steps = 0

  constructor(
    writer: TreeWriter,
    pages: PageStore,
    sizesFor: SizesFor,
    pace: Pace,
    runsMax: number,
  ) {
    this.#writer = writer
    this.#pages = pages
    this.#sizesFor = sizesFor
    this.#pace = pace
    this.#runsMax = runsMax
  }

  /** Whether there is something to merge. */
  isDue({ head }: Tree, idle: boolean): boolean {
    return this.#plan(head.tiers, idle) !== undefined || isUnderway(head.tiers)
  }

  /** Does one step of the most urgent merge. The tree after it. */
  async step(tree: Tree, idle: boolean, turn: EventLoopTurn): Promise<Tree> {
    const { tiers } = tree.head
    const plan = this.#plan(tiers, idle) ?? underway(tiers)
    return plan === undefined ? tree : this.#stepOf(tree, plan, turn)
  }

  /** Does one step towards a single run of those tiers that are there now, the newest `above` excepted. */
  async stepOfAll(tree: Tree, above: number, turn: EventLoopTurn): Promise<Tree> {
    const { tiers } = tree.head
    const plan = underway(tiers) ?? { from: above, count: tiers.length - above }
    return this.#stepOf(tree, plan, turn)
  }

  /** Forgets how far the merges are; they go on from the head. To be called after a failure. */
  reset(): void {
    this.#jobs.clear()
  }

  // A new merge, which goes before those under way: it is of newer and smaller runs.
  #plan(tiers: readonly Tier[], idle: boolean): CompactionPlan | undefined {
    return planCompaction(tiers, { idle, runsMax: this.#runsMax })
  }

  async #stepOf(tree: Tree, { from, count }: CompactionPlan, turn: EventLoopTurn): Promise<Tree> {
    const { covers, tiers } = tree.head
    const merged = tiers.slice(from, from + count)
    const first = merged[0] as Tier
    const job = this.#jobs.get(first) ?? this.#open(merged, from + count === tiers.length)
    reachStep('index.compact.before')
    const step = await job.step(turn)
    let after: Tier | undefined
    const next = await this.#writer.commit(tree, step.groups, (start) => {
      after = step.tier(start)
      const between = after === undefined ? [] : [after]
      return { covers, tiers: [...tiers.slice(0, from), ...between, ...tiers.slice(from + count)] }
    })
    this.#jobs.delete(first)
    if (after?.merge !== undefined) this.#jobs.set(after, job)
    this.steps += 1
    const left = after?.merge === undefined ? 0 : inputBytes([after])
    this.#pace.merged(inputBytes(merged) - left, next.head.tiers)
    reachStep('index.compact.after')
    return next
  }

  #open(merged: readonly Tier[], oldest: boolean): MergeJob {
    const { run, merge } = merged[0] as Tier
    const sizes = this.#sizesFor(allRuns(merged).reduce((sum, { bytes }) => sum + bytes, 0))
    const input =
      merge === undefined
        ? { output: EMPTY_RUN, bound: undefined, inputs: merged.map((tier) => tier.run) }
        : { output: run, bound: merge.bound, inputs: merge.inputs }
    return new MergeJob({ ...input, oldest, sizes }, this.#pages)
  }
}

/** Whether a merge is under way. */
export function isUnderway(tiers: readonly Tier[]): boolean {
  return tiers.some(({ merge }) => merge !== undefined)
}

function underway(tiers: readonly Tier[]): CompactionPlan | undefined {
  const from = tiers.findIndex(({ merge }) => merge !== undefined)
  return from === -1 ? undefined : { from, count: 1 }
}

// Bytes that are still to be merged.
function inputBytes(tiers: readonly Tier[]): number {
  const runs = tiers.flatMap(({ run, merge }) => merge?.inputs ?? [run])
  return runs.reduce((sum, { bytes }) => sum + bytes, 0)
}
