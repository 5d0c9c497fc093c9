import type { BlockRange } from '@datagram/log-core'
import { compareKeys } from './key-order.ts'

/*
 * Runs, and how the live ones stand together.
 *
 * A group is what one fence describes: its leaves, its filter blocks, its fence, in one piece of the
 * log. A run is a sequence of groups that holds each of its keys once. Tiers stand from newest to
 * oldest: what an upper tier says of a key hides what lower ones say. A tier is one run, or a merge in
 * progress: `inputs` (newest first) hold the keys from `bound` on, and `run`, the output so far, all
 * keys below it. So a key is looked for in the output or in the inputs, never in both.
 *
 * Invariants: separators of a run's groups ascend strictly; a group's keys are not below its separator
 * and below the next group's; no key is above `last`; output keys are below `bound`; an input's groups
 * may begin below `bound` (the one that straddles it), but what it holds there is superseded.
 */

/** One fence and its leaves. */
export interface Group {
  /** Not above any key of the group, and above every key of the group before. */
  readonly separator: Uint8Array
  /** Block of the fence. */
  readonly fence: number
  /** Leaves, the blocks before the filter blocks. */
  readonly leaves: number
  /** Filter blocks, just before the fence; 0 when the filter lies in the fence. */
  readonly filters: number
}

/** A sorted sequence of entries in blocks. */
export interface Run {
  readonly groups: readonly Group[]
  /** The greatest key, or a bound that is not below it; empty in an empty run. */
  readonly last: Uint8Array
  /** Entries, tombstones included. */
  readonly entries: number
  readonly tombstones: number
  /** Payload bytes of the run's blocks. */
  readonly bytes: number
  /** Estimate of the bytes that this run makes superfluous, in older runs and (tombstones) in itself. */
  readonly superseded: number
}

/** A merge that has written part of its output. */
export interface Merge {
  /** Keys below it are in the output, the others in the inputs. */
  readonly bound: Uint8Array
  /** What is left of the runs that are merged, newest first. */
  readonly inputs: readonly Run[]
}

/** One run, or the output and the inputs of a merge in progress. */
export interface Tier {
  /** The run, or what the merge has written so far. */
  readonly run: Run
  readonly merge: Merge | undefined
}

/** The run with nothing in it. */
export const EMPTY_RUN: Run = {
  groups: [],
  last: new Uint8Array(0),
  entries: 0,
  tombstones: 0,
  bytes: 0,
  superseded: 0,
}

/** First block of a group. */
export function groupStart(group: Group): number {
  return group.fence - group.filters - group.leaves
}

/** Block of a leaf of a group. */
export function leafBlock(group: Group, leaf: number): number {
  return group.fence - group.filters - group.leaves + leaf
}

/** Number of the group that would hold `key`; −1 when it is below them all. */
export function groupOf(run: Run, key: Uint8Array): number {
  const groups = run.groups
  let low = -1
  let high = groups.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (compareKeys((groups[middle] as Group).separator, key) <= 0) low = middle
    else high = middle - 1
  }
  return low
}

/** Every run of the tiers that may hold `key`, newest first. */
export function runsOf(tiers: readonly Tier[], key: Uint8Array): Run[] {
  const runs: Run[] = []
  for (const { run, merge } of tiers) {
    if (merge === undefined || compareKeys(key, merge.bound) < 0) runs.push(run)
    else runs.push(...merge.inputs)
  }
  return runs
}

/** All runs of the tiers. */
export function allRuns(tiers: readonly Tier[]): Run[] {
  return tiers.flatMap(({ run, merge }) => (merge === undefined ? [run] : [run, ...merge.inputs]))
}

/** The blocks of all groups, as ascending ranges that do not touch. */
export function blocksOf(tiers: readonly Tier[]): BlockRange[] {
  const ranges = allRuns(tiers).flatMap((run) =>
    run.groups.map((group) => ({ start: groupStart(group), end: group.fence + 1 })),
  )
  return joinRanges(ranges)
}

/** The same blocks as ascending ranges that neither overlap nor touch. */
export function joinRanges(ranges: readonly BlockRange[]): BlockRange[] {
  const joined: BlockRange[] = []
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last === undefined || range.start > last.end) joined.push(range)
    else if (range.end > last.end) {
      joined[joined.length - 1] = { start: last.start, end: range.end }
    }
  }
  return joined
}

/** The blocks of `from` that are not in `taken`; both ascending and without overlap. */
export function subtractRanges(
  from: readonly BlockRange[],
  taken: readonly BlockRange[],
): BlockRange[] {
  const rest: BlockRange[] = []
  let i = 0
  for (const range of from) {
    let { start } = range
    while (i < taken.length && (taken[i] as BlockRange).end <= start) i++
    for (let j = i; j < taken.length && (taken[j] as BlockRange).start < range.end; j++) {
      const cut = taken[j] as BlockRange
      if (cut.start > start) rest.push({ start, end: cut.start })
      start = Math.max(start, cut.end)
    }
    if (start < range.end) rest.push({ start, end: range.end })
  }
  return rest
}
