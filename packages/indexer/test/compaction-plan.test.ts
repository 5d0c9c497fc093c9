import { describe, expect, it } from 'vitest'
import { planCompaction } from '../src/compaction-plan.ts'
import { EMPTY_RUN, type Run, type Tier } from '../src/run.ts'

const MIB = 1024 * 1024

const tierOf = (bytes: number, superseded = 0): Tier => ({
  run: { ...EMPTY_RUN, bytes, superseded },
  merge: undefined,
})
const underway = (...inputs: number[]): Tier => ({
  run: EMPTY_RUN,
  merge: {
    bound: new Uint8Array(0),
    inputs: inputs.map((bytes): Run => ({ ...EMPTY_RUN, bytes })),
  },
})

// Plays flushes of equal size with whole merges; how often an entry was written, and how many runs there were.
function load(flushes: number, flushBytes: number) {
  let tiers: Tier[] = []
  let written = 0
  let runs = 0
  const merge = (idle: boolean) => {
    for (;;) {
      const plan = planCompaction(tiers, { idle, runsMax: 6 })
      if (plan === undefined) return
      expect(plan.from).toBe(0)
      const bytes = tiers.slice(0, plan.count).reduce((sum, { run }) => sum + run.bytes, 0)
      written += bytes
      tiers = [tierOf(bytes), ...tiers.slice(plan.count)]
    }
  }
  for (let i = 0; i < flushes; i++) {
    tiers = [tierOf(flushBytes), ...tiers]
    written += flushBytes
    merge(false)
    runs = Math.max(runs, tiers.length)
  }
  const busy = written / (flushes * flushBytes)
  merge(true)
  return { busy, settled: written / (flushes * flushBytes), runs, runsSettled: tiers.length }
}

describe('what to merge', () => {
  // Flushes of 4 MiB: 100 thousand, 1 million and 10 million entries of 104 bytes.
  it.each([
    [3, 1, 2, 3],
    [28, 2.3, 3.3, 6],
    [280, 5.5, 6.5, 6],
  ])('writes an entry of %i flushes seldom enough', (flushes, busy, settled, runs) => {
    const result = load(flushes, 4 * MIB)
    expect(result.busy).toBeLessThanOrEqual(busy)
    expect(result.settled).toBeLessThanOrEqual(settled)
    expect(result.runs).toBeLessThanOrEqual(runs)
    expect(result.runsSettled).toBeLessThanOrEqual(3)
  })

  it('keeps small flushes in few runs', () => {
    const { busy, runs } = load(15_000, 8192)
    expect(busy).toBeLessThan(12)
    expect(runs).toBeLessThanOrEqual(13)
  })

  it('leaves alone what stands well', () => {
    const tiers = [tierOf(MIB), tierOf(8 * MIB), tierOf(100 * MIB)]
    expect(planCompaction(tiers, { idle: true, runsMax: 6 })).toBe(undefined)
    expect(planCompaction([], { idle: true, runsMax: 6 })).toBe(undefined)
  })

  it('merges all when too much is superfluous', () => {
    const tiers = [tierOf(2 * MIB, 2 * MIB), tierOf(8 * MIB)]
    expect(planCompaction(tiers, { idle: false, runsMax: 6 })).toBe(undefined)
    expect(planCompaction(tiers, { idle: true, runsMax: 6 })).toEqual({ from: 0, count: 2 })
    const more = [tierOf(2 * MIB, 2 * MIB), ...tiers]
    expect(planCompaction(more, { idle: false, runsMax: 6 })).toEqual({ from: 0, count: 3 })
  })

  it('merges new runs beside a merge that is under way, when they are too many', () => {
    const few = [tierOf(MIB), tierOf(MIB), underway(50 * MIB, 40 * MIB)]
    expect(planCompaction(few, { idle: true, runsMax: 6 })).toBe(undefined)
    const many = [...Array.from({ length: 6 }, () => tierOf(MIB)), underway(50 * MIB)]
    expect(planCompaction(many, { idle: false, runsMax: 6 })).toEqual({ from: 0, count: 6 })
  })
})
