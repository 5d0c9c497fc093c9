import type { Run, Tier } from './run.ts'

/*
 * Which runs to merge.
 *
 * A merge costs bytes written and frees reads of a run; the fewer times an entry is rewritten until
 * there is one large run, the better. With at most `runsMax` runs beside each other, the newest few are
 * merged that free a run for the fewest bytes, but never an older run that is larger than all newer
 * ones together: so an entry is rewritten about log2(n) times at the very most over n flushes, and about
 * twice over 25 (docs/decisions/0002-index-structure.md has the figures).
 *
 * Overwritten and deleted entries are the other reason: when runs make too much of older ones
 * superfluous, all are merged into one.
 */

// What a run costs beside its bytes: fence, head entry, a block of its own.
const RUN_BYTES = 2048
// Part of the live bytes that may be superfluous: under load, and when there is time.
const SUPERFLUOUS_BUSY = 0.3
const SUPERFLUOUS_IDLE = 0.12
// When there is time, an older run is left alone only if it is so many times larger than all newer.
const IDLE_RATIO = 3

/** Plain tiers that are to be merged into one. */
export interface CompactionPlan {
  readonly from: number
  readonly count: number
}

/** How the plan is made. */
export interface CompactionConditions {
  /** No operation has come for a while. */
  readonly idle: boolean
  /** Runs that may stand beside each other under load. */
  readonly runsMax: number
}

/** The tiers to merge next; undefined when all is well, or a merge that is under way must end first. */
export function planCompaction(
  tiers: readonly Tier[],
  { idle, runsMax }: CompactionConditions,
): CompactionPlan | undefined {
  const underway = tiers.findIndex(({ merge }) => merge !== undefined)
  const plain = (underway === -1 ? tiers : tiers.slice(0, underway)).map(({ run }) => run)
  const allowed = underway === -1 ? runsMax : runsMax - 1
  if (underway === -1) {
    const share = superfluousShare(plain)
    if (share > (idle ? SUPERFLUOUS_IDLE : SUPERFLUOUS_BUSY))
      return { from: 0, count: plain.length }
  }
  if (plain.length > allowed) return newest(cheapest(plain))
  return idle && underway === -1 ? newest(smallOnes(plain)) : undefined
}

/** Part of the live bytes that is superfluous, by the runs' own estimates. */
export function superfluousShare(runs: readonly Run[]): number {
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0)
  const superseded = runs.reduce((sum, run) => sum + run.superseded, 0)
  return superseded <= 0 ? 0 : superseded / Math.max(1, bytes - superseded)
}

function newest(count: number): CompactionPlan | undefined {
  return count < 2 ? undefined : { from: 0, count }
}

// How many of the newest runs free a run for the fewest bytes.
function cheapest(runs: readonly Run[]): number {
  let best = 0
  let bestCost = Number.POSITIVE_INFINITY
  let bytes = 0
  runs.forEach((run, i) => {
    const size = run.bytes + RUN_BYTES
    const balanced = i > 0 && size <= bytes
    bytes += size
    const cost = bytes / i
    if (balanced && cost <= bestCost) {
      best = i + 1
      bestCost = cost
    }
  })
  return best
}

// How many of the newest runs are not small beside the one that they would be merged into.
function smallOnes(runs: readonly Run[]): number {
  let count = 0
  let bytes = 0
  runs.forEach((run, i) => {
    const size = run.bytes + RUN_BYTES
    if (i > 0 && bytes * IDLE_RATIO >= size) count = i + 1
    bytes += size
  })
  return count
}
