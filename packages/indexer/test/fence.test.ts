import { decode, encode } from '@datagram/log-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fence, fence } from '../src/fence.ts'
import { FencePage } from '../src/fence-page.ts'
import { compareKeys } from '../src/key-order.ts'
import { shortestSeparator } from '../src/separator.ts'
import { hex, text } from './bytes.ts'

const separators = fc
  .uniqueArray(fc.uint8Array({ maxLength: 10 }), { minLength: 1, maxLength: 40, selector: hex })
  .map((all) => all.sort(compareKeys))
const fences: fc.Arbitrary<Fence> = fc
  .tuple(
    separators,
    fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 40, maxLength: 40 }),
    fc.uint8Array(),
  )
  .map(([all, counts, filter]) => ({
    tombstones: 1,
    bytes: 70_000,
    leaves: all.map((separator, i) => ({ separator, entries: counts[i] as number })),
    filter,
  }))

describe('a fence', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(fences, (one) => {
        expect(decode(fence, encode(fence, one))).toEqual(one)
      }),
    )
  })

  it('tells in which leaf a key would be', () => {
    fc.assert(
      fc.property(fences, fc.uint8Array({ maxLength: 10 }), (one, key) => {
        const page = FencePage.decode(encode(fence, one))
        const expected =
          one.leaves.filter(({ separator }) => compareKeys(separator, key) <= 0).length - 1
        expect(page.leafOf(key)).toBe(expected)
        expect(page.leaves).toBe(one.leaves.length)
        one.leaves.forEach(({ separator, entries }, i) => {
          expect(page.separator(i)).toEqual(separator)
          expect(page.entriesOf(i)).toBe(entries)
        })
        expect(page.separator(one.leaves.length)).toBe(undefined)
      }),
    )
  })

  it('is refused when its separators do not ascend or it is cut short', () => {
    const leaves = [
      { separator: text('b'), entries: 1 },
      { separator: text('a'), entries: 1 },
    ]
    const payload = encode(fence, { tombstones: 0, bytes: 0, leaves, filter: new Uint8Array(0) })
    const damaged = expect.objectContaining({ code: 'INDEX_BLOCK_DAMAGED' })
    expect(() => FencePage.decode(payload)).toThrow(damaged)
    expect(() => FencePage.decode(payload.subarray(0, 6))).toThrow(damaged)
    const version = expect.objectContaining({ code: 'INDEX_FORMAT_UNKNOWN' })
    expect(() => FencePage.decode(Uint8Array.of(9, ...payload.subarray(1)))).toThrow(version)
  })
})

describe('a separator', () => {
  it('is above the key before, not above the first, and as short as that allows', () => {
    const key = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.nat(999).map((n) => text(`user:${n}`)),
    )
    fc.assert(
      fc.property(key, key, (a, b) => {
        const [before, first] = compareKeys(a, b) < 0 ? [a, b] : [b, a]
        fc.pre(compareKeys(before, first) < 0)
        const separator = shortestSeparator(before, first)
        expect(compareKeys(before, separator)).toBeLessThan(0)
        expect(compareKeys(separator, first)).toBeLessThanOrEqual(0)
        const shorter = first.subarray(0, separator.length - 1)
        expect(compareKeys(shorter, before)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('wants the smaller key first', () => {
    expect(() => shortestSeparator(text('b'), text('b'))).toThrow(TypeError)
  })
})
