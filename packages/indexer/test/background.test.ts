import diagnostics from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkIndex, openIndex } from '../src/index.ts'
import { hex } from './bytes.ts'
import { indexOver } from './index-over.ts'
import { MemoryLog } from './memory-log.ts'
import { SMALL } from './model-world.ts'
import { load, put, until, workload } from './settled.ts'

const stamp = { ms: 1_700_000_000_000, counter: 0 }

async function entries(
  source: AsyncIterable<readonly [Uint8Array, Uint8Array]>,
): Promise<string[]> {
  const all: string[] = []
  for await (const [key, value] of source) all.push(`${Buffer.from(key)}=${Buffer.from(value)}`)
  return all
}

describe('the background', () => {
  it('flushes after a while without operations, but not every little thing', async () => {
    const index = await indexOver(new MemoryLog(), { idleMs: 20 })
    index.apply([put('a', '1')], { position: 1, stamp })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(index.covers).toBe(0)
    index.apply([put('b', 'x'.repeat(20_000))], { position: 2, stamp })
    await until(() => index.covers === 2, 'the idle flush')
    for (let i = 0; i < 70; i++) index.apply([put('c', `${i}`)], { position: 3 + i, stamp })
    await until(() => index.covers === 72, 'the idle flush by positions')
  })

  it('flushes by bytes and by positions under load', async () => {
    const index = await indexOver(new MemoryLog(), {
      flushBytes: 5000,
      flushPositions: 50,
      idleMs: 1e6,
    })
    index.apply([put('a', 'x'.repeat(6000))], { position: 1, stamp })
    await until(() => index.covers === 1, 'the flush by bytes')
    index.apply([put('a', '1')], { position: 60, stamp })
    await until(() => index.covers === 60, 'the flush by positions')
  })

  it('drops superseded blocks after their grace, and finds those again that were left by a crash', async () => {
    const log = new MemoryLog()
    const index = await indexOver(log, { ...SMALL, graceMs: 1e6 })
    await load(index, workload(600))
    await load(index, workload(600, 1))
    await index.compact()
    await load(index, workload(600, 2))
    await index.flush()
    await until(() => index.stats().runs <= 2, 'the runs are merged')
    const left = log.copy()
    const crashed = await indexOver(left, SMALL)
    await until(() => crashed.stats().droppedBlocks > 0, 'blocks are dropped')
    await crashed.compact()
    const live = new Set(
      crashed
        .liveRanges()
        .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
    )
    left.blocks.forEach((block, i) => {
      if (i > 0) expect(block !== undefined).toBe(live.has(i))
    })
  })

  it('lets an index be read before it does what an earlier process has left', async () => {
    const log = new MemoryLog()
    const first = await indexOver(log, { ...SMALL, graceMs: 1e6 })
    await load(first, workload(600))
    await load(first, workload(600, 1))
    await first.compact()
    const left = log.copy()
    const { length } = left
    const read = await openIndex(left, { ...SMALL, idleMs: 1e6 })
    expect(await entries(read.range())).toHaveLength(600)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await read.close()
    expect([left.length, read.stats().droppedBlocks]).toEqual([length, 0])
    // With the first operation it begins, and without one when none has come for a while.
    const written = await indexOver(left.copy(), { ...SMALL, idleMs: 1e6 })
    written.apply([put('one', '1')], { position: written.covers + 1, stamp })
    await until(() => written.stats().droppedBlocks > 0, 'blocks are dropped')
    const quiet = await indexOver(left.copy(), { ...SMALL, idleMs: 20 })
    await until(() => quiet.stats().droppedBlocks > 0, 'blocks are dropped')
  })

  it('takes over groups that nothing reaches into instead of writing them again', async () => {
    const index = await indexOver(new MemoryLog(), { flushBytes: 2 * 1024 * 1024 })
    const inOrder = workload(60_000).sort((a, b) => Buffer.compare(a.key, b.key))
    await load(index, inOrder)
    await index.compact()
    const { appendedBytes, flushes } = index.stats()
    expect(flushes).toBeGreaterThan(2)
    expect(appendedBytes / (60_000 * 104)).toBeLessThan(1.6)
    expect(await checkIndex(index)).toEqual([])
    let at = 0
    for await (const [key, value] of index.range()) {
      const { key: expected, value: of } = inOrder[at++] as { key: Uint8Array; value: Uint8Array }
      if (hex(key) !== hex(expected) || hex(value) !== hex(of))
        throw new Error(`entry ${at} differs`)
    }
    expect(at).toBe(60_000)
  })

  it('leaves nothing of what was deleted', async () => {
    const index = await indexOver(new MemoryLog(), SMALL)
    const all = workload(800)
    await load(index, all)
    await index.flush()
    await load(
      index,
      all.map(({ key }) => ({ type: 'del', key })),
    )
    await index.compact()
    expect(index.stats()).toMatchObject({ entries: 0, tombstones: 0, runs: 0, liveBlocks: 1 })
    expect(await entries(index.range())).toEqual([])
  })

  it('tells where it is', async () => {
    const steps = new Set<string>()
    const listener = (message: unknown) => steps.add((message as { step: string }).step)
    diagnostics.subscribe('datagram.step', listener)
    onTestFinished(() => {
      diagnostics.unsubscribe('datagram.step', listener)
    })
    const index = await indexOver(new MemoryLog(), SMALL)
    await load(index, workload(300))
    await load(index, workload(300, 1))
    await index.compact()
    const expected = ['flush', 'compact', 'evict'].flatMap((step) => [
      `index.${step}.before`,
      `index.${step}.after`,
    ])
    expect([...steps].sort()).toEqual(expected.sort())
  })
})
