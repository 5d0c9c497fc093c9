import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHead, encodeHead, type Head } from '../src/head.ts'
import { compareKeys } from '../src/key-order.ts'
import type { Group, Run, Tier } from '../src/run.ts'
import { hex, text } from './bytes.ts'

const count = fc.nat(2 ** 40)
const key = fc.uint8Array({ maxLength: 12 })
const groups: fc.Arbitrary<Group[]> = fc
  .uniqueArray(fc.uint8Array({ maxLength: 8 }), { maxLength: 12, selector: hex })
  .chain((separators) =>
    fc
      .array(
        fc.record({
          fence: fc.integer({ min: 5000, max: 900_000 }),
          leaves: fc.integer({ min: 1, max: 4096 }),
          filters: fc.nat(50),
        }),
        { minLength: separators.length, maxLength: separators.length },
      )
      .map((all) => {
        const sorted = separators.sort(compareKeys)
        return all.map((group, i) => ({ separator: sorted[i] as Uint8Array, ...group }))
      }),
  )
const run: fc.Arbitrary<Run> = fc.record({
  groups,
  last: key,
  entries: count,
  tombstones: count,
  bytes: count,
  superseded: count,
})
const tier: fc.Arbitrary<Tier> = fc.record({
  run,
  merge: fc.option(
    fc.record({ bound: key, inputs: fc.array(run, { minLength: 1, maxLength: 4 }) }),
    {
      nil: undefined,
    },
  ),
})
const superseded = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 })), {
    maxLength: 20,
  })
  .map((all) => {
    let end = 0
    return all.map(([gap, blocks]) => {
      const start = end + gap
      end = start + blocks
      return { start, end }
    })
  })
const heads: fc.Arbitrary<Head> = fc.record({
  covers: count,
  tiers: fc.array(tier, { maxLength: 6 }),
  superseded,
})
const damaged = expect.objectContaining({ code: 'INDEX_HEAD_DAMAGED' })

describe('a head', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(heads, (one) => {
        expect(decodeHead(encodeHead(one), 1_000_000)).toEqual(one)
      }),
    )
  })

  it('leaves alone what a newer writer adds', () => {
    const empty: Head = { covers: 7, tiers: [], superseded: [] }
    expect(decodeHead(Uint8Array.of(...encodeHead(empty), 1, 2, 3), 5)).toEqual(empty)
  })

  it('is refused when it names blocks above itself', () => {
    const group = { separator: text('a'), fence: 9, leaves: 3, filters: 1 }
    const one: Run = {
      groups: [group],
      last: text('b'),
      entries: 1,
      tombstones: 0,
      bytes: 1,
      superseded: 0,
    }
    const payload = encodeHead({
      covers: 1,
      tiers: [{ run: one, merge: undefined }],
      superseded: [],
    })
    expect(() => decodeHead(payload, 10)).not.toThrow()
    expect(() => decodeHead(payload, 9)).toThrow(damaged)
    const below = encodeHead({
      covers: 1,
      tiers: [{ run: { ...one, groups: [{ ...group, leaves: 20 }] }, merge: undefined }],
      superseded: [],
    })
    expect(() => decodeHead(below, 100)).toThrow(damaged)
    const later = encodeHead({ covers: 1, tiers: [], superseded: [{ start: 3, end: 9 }] })
    expect(() => decodeHead(later, 8)).toThrow(damaged)
  })

  it('is refused when it is cut short, and known by its version', () => {
    const payload = encodeHead({ covers: 300, tiers: [], superseded: [{ start: 1, end: 2 }] })
    for (let length = 1; length < payload.length; length++) {
      expect(() => decodeHead(payload.subarray(0, length), 100)).toThrow(damaged)
    }
    const unknown = expect.objectContaining({
      code: 'INDEX_FORMAT_UNKNOWN',
      details: { version: 2 },
    })
    expect(() => decodeHead(Uint8Array.of(2, ...payload.subarray(1)), 100)).toThrow(unknown)
  })
})
