import { planCompaction, superfluousShare } from './compaction-plan.ts'
import { allRuns, type Tier } from './run.ts'

/*
 * Keeps writes and merges in step.
 *
 * Each flush adds a run and may make older ones superfluous; merges take both away again. A merge that
 * is due is spread over as many flushes as may still come before there are too many runs, or too much is
 * superfluous: each flush owes its part, and while it is owed memory fills up only as fast as it is
 * paid. So a long merge slows writes down a little for a while instead of stopping them at its end.
 */

// Tiers, as a multiple of the runs that may stand beside each other, by which every merge must be done.
const TIERS_FACTOR = 1.5
// Part of the live bytes that may be superfluous, by which the merge that ends it must be done.
const SUPERFLUOUS_MAX = 0.45

/** What the next operations have to wait for. */
export class Pace {
  readonly #runsMax: number
  #quota = 0
  #owed = 0

  constructor(runsMax: number) {
    this.#runsMax = runsMax
  }

  /** To be called after a flush that added a run of `bytes`. */
  flushed(tiers: readonly Tier[], bytes: number): void {
    const pending = this.#pendingBytes(tiers)
    const flushes = Math.min(this.#flushesLeft(tiers), this.#overwritesLeft(tiers, bytes))
    // A flush may end the need of a merge, and then nobody would pay what is owed.
    this.#owed = pending === 0 ? 0 : Math.max(0, this.#owed) + pending / Math.max(1, flushes)
    this.#quota = this.#owed
  }

  /** To be called after a merge wrote or took over so many bytes. */
  merged(bytes: number, tiers: readonly Tier[]): void {
    this.#owed = this.#pendingBytes(tiers) === 0 ? 0 : this.#owed - bytes
  }

  /** Part of the next flush's operations that may be in memory now, 0 to 1. */
  get part(): number {
    return this.#owed <= 0 ? 1 : 1 - this.#owed / this.#quota
  }

  #flushesLeft(tiers: readonly Tier[]): number {
    return TIERS_FACTOR * this.#runsMax - tiers.length
  }

  #overwritesLeft(tiers: readonly Tier[], bytes: number): number {
    const runs = allRuns(tiers)
    const live = runs.reduce((sum, run) => sum + run.bytes - run.superseded, 0)
    const room = (SUPERFLUOUS_MAX - superfluousShare(runs)) * live
    const superseded = tiers[0]?.run.superseded ?? 0
    return superseded <= 0 || bytes <= 0 ? Number.POSITIVE_INFINITY : room / superseded
  }

  #pendingBytes(tiers: readonly Tier[]): number {
    const underway = tiers.flatMap(({ merge }) => merge?.inputs ?? [])
    const plan = planCompaction(tiers, { idle: false, runsMax: this.#runsMax })
    const planned = plan ? tiers.slice(plan.from, plan.from + plan.count).map(({ run }) => run) : []
    return [...underway, ...planned].reduce((sum, run) => sum + run.bytes, 0)
  }
}
