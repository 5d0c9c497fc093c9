import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinRanges, subtractRanges } from '../src/run.ts'
import { SupersededBlocks } from '../src/superseded-blocks.ts'
import { EMPTY_HEAD } from '../src/head.ts'

const range = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 8 }))
  .map(([start, blocks]) => ({ start, end: start + blocks }))
const ranges = fc.array(range, { maxLength: 12 })
const blocks = (all: readonly { start: number; end: number }[]) =>
  new Set(all.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)))

describe('ranges of blocks', () => {
  it('join to the same blocks, apart from each other and ascending', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const joined = joinRanges(all)
        expect(blocks(joined)).toEqual(new Set([...blocks(all)]))
        joined.forEach(({ start }, i) => {
          if (i > 0) expect(start).toBeGreaterThan((joined[i - 1] as { end: number }).end)
        })
      }),
    )
  })

  it('subtract as sets do', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const rest = blocks(subtractRanges(joinRanges(a), joinRanges(b)))
        const taken = blocks(b)
        expect(rest).toEqual(new Set([...blocks(a)].filter((block) => !taken.has(block))))
      }),
    )
  })
})

describe('superseded blocks', () => {
  const tree = (block: number) => ({ block, head: EMPTY_HEAD })

  it('are dropped after their grace, never block 0', () => {
    const superseded = new SupersededBlocks()
    superseded.add([{ start: 0, end: 20 }], 30, 1000)
    expect(superseded.list()).toEqual([{ start: 1, end: 20 }])
    expect(superseded.due(1999, 1000)).toEqual([])
    expect(superseded.due(2000, 1000)).toEqual([{ start: 1, end: 20 }])
    superseded.dropped({ start: 1, end: 20 })
    expect(superseded.list()).toEqual([])
  })

  it('stay while a tree that needs them is pinned', () => {
    const superseded = new SupersededBlocks()
    const pinned = tree(30)
    const unpin = superseded.pin(pinned)
    const unpinAgain = superseded.pin(pinned)
    superseded.add([{ start: 2, end: 20 }], 40, 0)
    superseded.add([{ start: 31, end: 39 }], 50, 0)
    expect(superseded.due(1, 0)).toEqual([{ start: 31, end: 39 }])
    unpin()
    unpin()
    expect(superseded.due(1, 0, 'free')).toEqual([{ start: 31, end: 39 }])
    unpinAgain()
    expect(superseded.due(1, 0)).toEqual([
      { start: 2, end: 20 },
      { start: 31, end: 39 },
    ])
  })

  it('that are few wait for neighbours, unless they become many', () => {
    const superseded = new SupersededBlocks()
    superseded.add([{ start: 5, end: 6 }], 10, 0)
    expect(superseded.due(1, 0)).toEqual([])
    expect(superseded.due(1, 0, 'free')).toEqual([{ start: 5, end: 6 }])
    superseded.add([{ start: 6, end: 14 }], 20, 0)
    expect(superseded.due(1, 0)).toEqual([{ start: 5, end: 14 }])
    for (let i = 0; i < 40; i++) superseded.add([{ start: 100 + 2 * i, end: 101 + 2 * i }], 300, 0)
    expect(superseded.due(1, 0)).toHaveLength(41)
  })

  it('are not listed without end', () => {
    const superseded = new SupersededBlocks()
    for (let i = 0; i < 300; i++) superseded.add([{ start: 10 * i + 1, end: 10 * i + 10 }], 5000, 0)
    expect(superseded.due(1, 1e9)).toHaveLength(300)
  })
})
