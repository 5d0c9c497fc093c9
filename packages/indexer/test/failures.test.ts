import diagnostics from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DatagramError } from '@datagram/errors'
import { checkIndex, type Index, type IndexOptions, openIndex } from '../src/index.ts'
import { text } from './bytes.ts'
import { MemoryLog } from './memory-log.ts'
import { SMALL } from './model-world.ts'
import { load, put, until, workload } from './settled.ts'

const stamp = { ms: 1_700_000_000_000, counter: 0 }
const full = new DatagramError('DISK_FULL', 'the disk is full')

async function failing(options?: IndexOptions): Promise<{ log: MemoryLog; index: Index }> {
  const log = new MemoryLog()
  const index = await openIndex(log, options)
  onTestFinished(() => index.close().catch(() => undefined))
  return { log, index }
}

describe('an append that fails', () => {
  it('rejects the flush that waits, and keeps what a journal holds', async () => {
    const { log, index } = await failing()
    index.apply([put('a', '1')], { position: 1, stamp })
    log.failure = full
    await expect(index.flush()).rejects.toBe(full)
    expect(await index.get(text('a'))).toEqual(text('1'))
    expect(index.problem).toBe(undefined)
    index.apply([put('b', '2')], { position: 2, stamp })
    log.failure = undefined
    await index.flush()
    expect(index.covers).toBe(2)
    expect(await checkIndex(index)).toEqual([])
  })

  it('in the background is told by ready, once, and tried again', async () => {
    const { log, index } = await failing({ flushBytes: 1000, idleMs: 1e6 })
    log.failure = full
    index.apply([put('a', 'x'.repeat(2000))], { position: 1, stamp })
    await until(() => index.problem !== undefined, 'the flush fails')
    await expect(index.ready()).rejects.toBe(full)
    log.failure = undefined
    await until(() => index.covers === 1, 'the flush goes well')
    await index.ready()
    expect(index.problem).toBe(undefined)
  })

  it('is told by close when nobody asked before', async () => {
    const { log, index } = await failing({ flushBytes: 1000, idleMs: 1e6 })
    log.failure = full
    index.apply([put('a', 'x'.repeat(2000))], { position: 1, stamp })
    await until(() => index.problem !== undefined, 'the flush fails')
    await expect(index.close()).rejects.toBe(full)
  })

  it('rejects every batch in it, and leaves nothing of them', async () => {
    const { log, index } = await failing()
    await index.batch([put('a', '1')])
    log.failure = full
    const batches = [index.batch([put('a', '2')]), index.batch([put('b', '2')])]
    for (const one of await Promise.allSettled(batches)) {
      expect(one).toMatchObject({ status: 'rejected', reason: full })
    }
    expect(await index.get(text('a'))).toEqual(text('1'))
    expect(await index.get(text('b'))).toBe(undefined)
    log.failure = undefined
    await index.batch([put('c', '3')])
    expect(await index.getMany([text('a'), text('b'), text('c')])).toEqual([
      text('1'),
      undefined,
      text('3'),
    ])
    expect(await checkIndex(index)).toEqual([])
  })

  it('of a merge does not fail the flushes beside it', async () => {
    const { log, index } = await failing({ ...SMALL, idleMs: 1e6 })
    const listener = (message: unknown) => {
      const { step } = message as { step: string }
      if (step === 'index.compact.before') log.failure = full
      if (step === 'index.flush.before') log.failure = undefined
    }
    diagnostics.subscribe('datagram.step', listener)
    onTestFinished(() => {
      diagnostics.unsubscribe('datagram.step', listener)
    })
    for (let i = 1; i <= 12; i++) {
      index.apply([put(`key ${i}`, 'x'.repeat(900))], { position: i, stamp })
      await index.flush()
    }
    await until(() => index.problem !== undefined, 'a merge fails')
    await expect(index.compact()).rejects.toBe(full)
    diagnostics.unsubscribe('datagram.step', listener)
    log.failure = undefined
    await index.compact()
    expect(index.stats().runs).toBe(1)
    expect(await checkIndex(index)).toEqual([])
  })

  it('that reached the log all the same is found there', async () => {
    const { log, index } = await failing()
    await index.batch([put('a', '1')])
    const { append } = log
    log.append = async function (this: MemoryLog, blocks) {
      await append.call(this, blocks)
      throw full
    }
    await expect(index.batch([put('a', '2')])).rejects.toBe(full)
    log.append = append
    await index.batch([put('b', '2')])
    // What a rejected batch has done is not known; the log decides, and the index agrees with it.
    expect(await index.get(text('a'))).toEqual(text('2'))
    expect(await checkIndex(index)).toEqual([])
    const copy = await openIndex(log.copy())
    expect(await copy.get(text('a'))).toEqual(text('2'))
    await copy.close()
  })
})

describe('dropping blocks that fails', () => {
  it('is told, and done later', async () => {
    const { log, index } = await failing(SMALL)
    const { evict } = log
    log.evict = () => Promise.reject(full)
    await load(index, workload(300))
    await load(index, workload(300, 1)).catch((error: unknown) => expect(error).toBe(full))
    await expect(index.compact()).rejects.toBe(full)
    log.evict = evict
    await index.compact()
    expect(index.stats().supersededBlocks).toBe(0)
    expect(await checkIndex(index)).toEqual([])
  })
})

describe('a log that somebody else appends to', () => {
  it('is noticed', async () => {
    const { log, index } = await failing()
    const { append } = log
    log.append = async function (this: MemoryLog, blocks) {
      await append.call(this, { kind: 2, payload: text('not of the index') })
      return append.call(this, blocks)
    }
    await expect(index.batch([put('a', '1')])).rejects.toThrow(
      expect.objectContaining({ code: 'INDEX_LOG_SHARED' }),
    )
  })
})

describe('a log of blocks that are not what they should be', () => {
  it('is refused with a code, whatever block is exchanged', async () => {
    const { log, index } = await failing(SMALL)
    await load(index, workload(200))
    await index.compact()
    const ranges = index.liveRanges()
    await index.close()
    for (const { start, end } of ranges) {
      for (let i = start; i < end - 1; i += 3) {
        const damaged = log.copy()
        damaged.blocks[i] = { ...(log.blocks[(i + 1) % end] ?? log.blocks[i]), index: i } as never
        const one = await openIndex(damaged, { ...SMALL, idleMs: 1e6 })
        const read = async () => {
          let count = 0
          for await (const _ of one.range()) count += 1
          return count
        }
        await read().then(
          () => undefined,
          (error) =>
            expect(['INDEX_BLOCK_DAMAGED', 'INDEX_FORMAT_UNKNOWN', 'BLOCK_UNAVAILABLE']).toContain(
              error.code,
            ),
        )
        expect((await checkIndex(one).catch((error) => [error.code])).length).toBeGreaterThan(0)
        await one.close()
      }
    }
  })
})
