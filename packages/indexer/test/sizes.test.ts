import { expect, it, onTestFinished } from 'vitest'
import { checkIndex, type Index, openIndex } from '../src/index.ts'
import { MemoryLog } from './memory-log.ts'
import { load, until, workload } from './settled.ts'

const COUNT = 100_000
const OPERATION_BYTES = 104
const LIVE_BYTES = COUNT * OPERATION_BYTES
const OVERWRITTEN = 50_000

async function indexOver(log: MemoryLog): Promise<Index> {
  const index = await openIndex(log, { graceMs: 0, idleMs: 50 })
  onTestFinished(() => index.close())
  return index
}

// Waits until the background has nothing left to do.
async function settled(index: Index): Promise<void> {
  await index.flush()
  let appended = -1
  await until(() => {
    const before = appended
    appended = index.stats().appendedBytes
    return appended === before && index.stats().runs <= 2
  }, 'the background has settled')
}

it('takes little more than the data, and writes it few times', async () => {
  const log = new MemoryLog()
  const index = await indexOver(log)
  await load(index, workload(COUNT))
  await settled(index)
  const { liveBytes, appendedBytes, entries } = index.stats()
  expect(entries).toBe(COUNT)
  expect(liveBytes).toBeLessThan(1.0 * LIVE_BYTES)
  expect(appendedBytes).toBeLessThan(2.1 * LIVE_BYTES)
  expect(await checkIndex(index)).toEqual([])
})

it('stays small while every key is overwritten ten times', async () => {
  const liveBytes = OVERWRITTEN * OPERATION_BYTES
  const log = new MemoryLog()
  const index = await indexOver(log)
  let liveMost = 0
  for (let pass = 0; pass < 11; pass++) {
    const operations = workload(OVERWRITTEN, pass)
    for (let i = 0; i < OVERWRITTEN; i += 10_000) {
      await load(index, operations.slice(i, i + 10_000))
      if (pass > 0) liveMost = Math.max(liveMost, index.stats().liveBytes)
    }
  }
  expect(liveMost).toBeLessThan(1.5 * liveBytes)
  expect(index.stats().appendedBytes).toBeLessThan(11 * 4.5 * liveBytes)
  await settled(index)
  expect(index.stats().liveBytes).toBeLessThan(1.15 * liveBytes)
  await index.compact()
  expect(index.stats()).toMatchObject({ entries: OVERWRITTEN, runs: 1, supersededBlocks: 0 })
  // Dropped are all but the live blocks, and block 0, which may be a header.
  expect(log.bytes - (log.blocks[0]?.payload.length ?? 0)).toBe(index.stats().liveBytes)
}, 60_000)

it('opens as fast whatever it holds: one block is read', async () => {
  for (const count of [1000, COUNT]) {
    const log = new MemoryLog()
    const index = await openIndex(log)
    await load(index, workload(count))
    await index.flush()
    await index.close()
    let reads = 0
    const { getBlocks } = log
    log.getBlocks = function (this: MemoryLog, indexes) {
      reads += indexes.length
      return getBlocks.call(this, indexes)
    }
    await (await openIndex(log, { idleMs: 1e6 })).close()
    expect(reads).toBe(1)
    expect(log.blocks.at(-1)?.payload.length).toBeLessThan(4096)
  }
})
