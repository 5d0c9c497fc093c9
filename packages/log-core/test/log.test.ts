import diagnostics from 'node:diagnostics_channel'
import path from 'node:path'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BLOCK_BYTES_MAX,
  type Block,
  openStore,
  type ReadableLog,
  reachableEnd,
} from '../src/index.ts'
import { connectedMuxers, temporaryFolder, temporaryStore } from './temporary-store.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const texts = async (blocks: AsyncIterable<Block>) => {
  const all: string[] = []
  for await (const { payload } of blocks) all.push(b4a.toString(payload))
  return all
}

async function authorAndReplica(cipherKey: Uint8Array = b4a.alloc(32, 1)) {
  const author = await temporaryStore()
  const reader = await temporaryStore()
  const log = await author.open('log', { cipherKey })
  const replica = await reader.openRemote(log.key, { cipherKey })
  const connect = () => {
    const pair = connectedMuxers()
    const left = log.attach(pair.left)
    const right = replica.attach(pair.right)
    return { ...pair, detach: async () => Promise.all([left.detach(), right.detach()]) }
  }
  return { author, reader, log, replica, connect }
}

async function grownTo(log: ReadableLog, length: number): Promise<void> {
  while (log.length < length) {
    await log.update()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('appending', () => {
  it('lets other work have its turn while it seals much', async () => {
    const log = await (await temporaryStore()).open('a')
    const blocks = Array.from({ length: 64 }, (_, i) => new Uint8Array(64 * 1024).fill(i))
    let turns = 0
    let turnsOfSealing = 0
    let isCounting = true
    const listener = (message: unknown) => {
      if ((message as { step: string }).step === 'log.append.before') turnsOfSealing = turns
    }
    const count = () => {
      turns++
      if (isCounting) setImmediate(count)
    }
    diagnostics.subscribe('datagram.step', listener)
    try {
      count()
      const [large, small] = await Promise.all([log.append(blocks), log.append(b4a.from('b'))])
      expect([large, small]).toEqual([0, 64])
      expect(turnsOfSealing).toBeGreaterThan(3)
      expect(await log.get(63)).toEqual(blocks[63])
    } finally {
      isCounting = false
      diagnostics.unsubscribe('datagram.step', listener)
    }
  })

  it('gives positions in the order of the calls', async () => {
    const log = await (await temporaryStore()).open('a')
    const positions = await Promise.all([
      log.append(b4a.from('0')),
      log.append([b4a.from('1'), b4a.from('2')]),
      log.append({ kind: 9, payload: b4a.from('3') }),
    ])
    expect(positions).toEqual([0, 1, 3])
    expect(await texts(log.range())).toEqual(['0', '1', '2', '3'])
    const last = await log.getBlock(3)
    expect(last).toMatchObject({ index: 3, kind: 9, writer: 0, batchEnd: true })
    expect((await log.getBlock(1)).batchEnd).toBe(false)
  })

  it('costs few appends for many calls at once', async () => {
    const log = await (await temporaryStore()).open('a')
    let appends = 0
    log.onAppend(() => appends++)
    await Promise.all(Array.from({ length: 64 }, (_, i) => log.append(b4a.from([i]))))
    expect(log.length).toBe(64)
    expect(appends).toBeLessThanOrEqual(4)
  })

  it('takes blocks for one place, or none of them', async () => {
    const log = await (await temporaryStore()).open('a')
    await log.append(b4a.from('0'))
    const elsewhere = expect.objectContaining({
      code: 'LOG_LENGTH_DIFFERS',
      details: { at: 4, length: 2 },
    })
    const outcomes = await Promise.allSettled([
      log.append(b4a.from('1'), { at: 1 }),
      log.append([b4a.from('no'), b4a.from('neither')], { at: 4 }),
      log.append(b4a.from('2'), { at: 2 }),
      log.append(b4a.from('3')),
    ])
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: elsewhere },
      { status: 'fulfilled', value: 2 },
      { status: 'fulfilled', value: 3 },
    ])
    await expect(log.append(b4a.from('no'), { at: 0 })).rejects.toEqual(code('LOG_LENGTH_DIFFERS'))
    expect(await texts(log.range())).toEqual(['0', '1', '2', '3'])
  })

  it('seals what comes next while the engine writes, for the place that it gets', async () => {
    const log = await (await temporaryStore()).open('a')
    const block = (i: number) => new Uint8Array(256 * 1024).fill(i)
    const batches = Array.from({ length: 12 }, (_, i) => [block(4 * i), block(4 * i + 1)])
    const refused = batches.map((_, i) => i % 3 === 2)
    const positions = await Promise.allSettled(
      batches.map((batch, i) => log.append(batch, { at: refused[i] ? 1000 : undefined })),
    )
    const kept = batches.filter((_, i) => !refused[i])
    let next = 0
    for (const [i, outcome] of positions.entries()) {
      expect(outcome.status).toBe(refused[i] ? 'rejected' : 'fulfilled')
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe(2 * next++)
    }
    const payloads: Uint8Array[] = []
    for await (const { payload } of log.range()) payloads.push(payload)
    expect(b4a.equals(b4a.concat(payloads), b4a.concat(kept.flat()))).toBe(true)
  })

  it('stamps blocks in strictly rising order, also after reopening', async () => {
    const folder = path.join(await temporaryFolder(), 'store')
    const stamps: number[] = []
    for (let run = 0; run < 3; run++) {
      const store = await openStore(folder)
      const log = await store.open('a')
      await Promise.all([log.append(b4a.from('x')), log.append(b4a.from('y'))])
      await store.close()
    }
    const store = await openStore(folder)
    for await (const { stamp } of (await store.open('a')).range()) {
      stamps.push(stamp.ms * 65536 + stamp.counter)
    }
    expect(stamps).toHaveLength(6)
    expect([...stamps].sort((a, b) => a - b)).toEqual(stamps)
    await store.close()
  })

  it('refuses what is no block, too large, or none', async () => {
    const log = await (await temporaryStore()).open('a')
    // @ts-expect-error a string is not a block
    expect(() => log.append('text')).toThrow(TypeError)
    await expect(log.append([])).rejects.toBeInstanceOf(TypeError)
    await expect(log.append(b4a.alloc(BLOCK_BYTES_MAX + 1))).rejects.toEqual(
      code('BLOCK_TOO_LARGE'),
    )
    await log.append(b4a.alloc(BLOCK_BYTES_MAX))
    expect(log.length).toBe(1)
  })

  it('does not keep the caller’s buffer', async () => {
    const log = await (await temporaryStore()).open('a')
    const mine = b4a.from('before')
    const appended = log.append(mine)
    await appended
    mine.fill(0)
    expect(b4a.toString(await log.get(0))).toBe('before')
  })
})

describe('reading', () => {
  it('codes what is out of range, and a wrong key', async () => {
    const store = await temporaryStore()
    const log = await store.open('a', { cipherKey: b4a.alloc(32, 1) })
    await log.append(b4a.from('x'))
    await expect(log.get(1)).rejects.toEqual(code('BLOCK_OUT_OF_RANGE'))
    await expect(log.get(-1)).rejects.toBeInstanceOf(TypeError)
    await log.close()
    const wrong = await store.open('a', { cipherKey: b4a.alloc(32, 2) })
    await expect(wrong.get(0)).rejects.toEqual(code('BLOCK_KEY_WRONG'))
    await wrong.close()
    const right = await store.open('a', { cipherKey: b4a.alloc(32, 1) })
    expect(b4a.toString(await right.get(0))).toBe('x')
  })

  it('says within moments that a block is nowhere, and obeys the caller’s signal', async () => {
    const log = await (await temporaryStore()).open('a')
    await log.append([b4a.from('x'), b4a.from('y')])
    await log.evict({ start: 0, end: 1 })
    expect([await log.has(0), await log.has(1)]).toEqual([false, true])
    await expect(log.get(0)).rejects.toEqual(code('BLOCK_UNAVAILABLE'))
    const reason = new Error('enough')
    await expect(log.get(0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const waiting = log.get(0)
    await log.close()
    await expect(waiting).rejects.toEqual(code('LOG_CLOSED'))
  })
})

describe('a replica', () => {
  it('follows, reads, downloads with progress, and cannot append', async () => {
    const { log, replica, connect } = await authorAndReplica()
    await log.append(Array.from({ length: 100 }, (_, i) => b4a.from(`block ${i}`)))
    connect()
    await grownTo(replica, 100)
    expect(b4a.toString(await replica.get(42))).toBe('block 42')
    const seen: number[] = []
    await replica.download({
      ranges: [{ start: 0, end: 60 }],
      onProgress: ({ blocksDone, blocksWanted }) => seen.push(blocksDone / blocksWanted),
    })
    expect(seen.at(0)).toBeLessThan(1)
    expect(seen.at(-1)).toBe(1)
    expect(await replica.has(59)).toBe(true)
    expect(await replica.has(60)).toBe(false)
    await replica.download()
    expect((await texts(replica.range()))[99]).toBe('block 99')
    await expect(replica.append(b4a.from('x'))).rejects.toEqual(code('LOG_NOT_WRITABLE'))
    await log.append(b4a.from('news'))
    await grownTo(replica, 101)
    expect(b4a.toString(await replica.get(100))).toBe('news')
  })

  it('moves sealed blocks without the key, and serves them on', async () => {
    const { log } = await authorAndReplica()
    await log.append([b4a.from('one'), b4a.from('two')])
    const blind = await (await temporaryStore()).openRemote(log.key)
    const first = connectedMuxers()
    log.attach(first.left)
    blind.attach(first.right)
    await grownTo(blind, 2)
    await blind.download()
    await expect(blind.get(0)).rejects.toEqual(code('BLOCK_KEY_WRONG'))
    const reader = await (await temporaryStore()).openRemote(log.key, {
      cipherKey: b4a.alloc(32, 1),
    })
    const second = connectedMuxers()
    blind.attach(second.left)
    reader.attach(second.right)
    await grownTo(reader, 2)
    expect(await texts(reader.range())).toEqual(['one', 'two'])
  })

  it('gets nothing more after detach, while the connection lives on', async () => {
    const { log, replica, connect } = await authorAndReplica()
    await log.append(b4a.from('a'))
    const { detach, destroyed } = connect()
    await grownTo(replica, 1)
    await detach()
    await log.append(b4a.from('b'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(replica.length).toBe(1)
    expect(destroyed()).toBe(false)
    connect()
    await grownTo(replica, 2)
  })

  it('goes on when it is attached again before it was detached', async () => {
    const { log, replica } = await authorAndReplica()
    const { left, right } = connectedMuxers()
    replica.attach(right)
    const first = log.attach(left)
    await log.append(b4a.from('a'))
    await grownTo(replica, 1)
    const detached = first.detach()
    log.attach(left)
    await detached
    await log.append(b4a.from('b'))
    await grownTo(replica, 2)
    expect(b4a.toString(await replica.get(1))).toBe('b')
  })

  it('stays detached when that was asked for before the connection stood', async () => {
    const { log, replica, connect } = await authorAndReplica()
    await log.append(b4a.from('a'))
    await connect().detach()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(replica.length).toBe(0)
  })

  it('is told that nobody has a block, when the author dropped it', async () => {
    const { log, replica, connect } = await authorAndReplica()
    await log.append(Array.from({ length: 10 }, (_, i) => b4a.from(`${i}`)))
    await log.evict({ start: 4, end: 6 })
    connect()
    await grownTo(replica, 10)
    await expect(replica.get(5)).rejects.toEqual(code('BLOCK_UNAVAILABLE'))
    await expect(replica.download()).rejects.toEqual(code('BLOCK_UNAVAILABLE'))
    expect(b4a.toString(await replica.get(6))).toBe('6')
  })

  it('knows which blocks are within reach', async () => {
    const { log, replica, connect } = await authorAndReplica()
    await log.append(Array.from({ length: 10 }, (_, i) => b4a.from(`${i}`)))
    const all = { start: 0, end: 10 }
    connect()
    await grownTo(replica, 10)
    expect(await replica.reachable(all)).toEqual([all])
    expect(replica.here(all)).toEqual([])
    await log.evict({ start: 2, end: 4 })
    await log.evict({ start: 0, end: 1 })
    const rest = [
      { start: 1, end: 2 },
      { start: 4, end: 10 },
    ]
    await expect.poll(() => replica.reachable(all)).toEqual(rest)
    expect(await reachableEnd(replica, 4)).toBe(10)
    expect(await reachableEnd(replica, 0)).toBe(0)
    await replica.get(9)
    expect(replica.here(all)).toEqual([{ start: 9, end: 10 }])
    // Nobody has it and everybody has said so: that is not waited for.
    const began = performance.now()
    await expect(replica.get(3, { timeoutMs: 60_000 })).rejects.toEqual(code('BLOCK_UNAVAILABLE'))
    expect(performance.now() - began).toBeLessThan(900)
  })

  it('writes nothing where nothing is left to evict', async () => {
    const log = await (await temporaryStore()).open('a')
    await log.append(Array.from({ length: 10 }, (_, i) => b4a.from(`${i}`)))
    let evicted = 0
    const listener = (message: unknown) => {
      if ((message as { step: string }).step === 'log.evict.after') evicted++
    }
    diagnostics.subscribe('datagram.step', listener)
    try {
      for (let i = 0; i < 3; i++) await log.evict({ start: 2, end: 5 })
      await log.evict({ start: 3, end: 4 })
      expect(evicted).toBe(1)
      await log.evict({ start: 4, end: 6 })
      expect(evicted).toBe(2)
    } finally {
      diagnostics.unsubscribe('datagram.step', listener)
    }
  })

  it('fetches every survivor after random evicts, from author and replica', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(199), fc.integer({ min: 1, max: 12 })), { maxLength: 25 }),
        async (cuts) => {
          const { log, replica, connect } = await authorAndReplica()
          await log.append(Array.from({ length: 200 }, (_, i) => b4a.from(`block ${i}`)))
          const pair = connect()
          await grownTo(replica, 200)
          await replica.download({ ranges: [{ start: 100, end: 200 }] })
          const dropped = new Set<number>()
          for (const [start, count] of cuts) {
            const end = Math.min(200, start + count)
            await log.evict({ start, end })
            for (let i = start; i < end; i++) dropped.add(i)
          }
          for (let i = 0; i < 200; i++) {
            if (dropped.has(i) && i < 100) continue
            expect(b4a.toString(await replica.get(i))).toBe(`block ${i}`)
          }
          await log.append(b4a.from('after'))
          await grownTo(replica, 201)
          expect(b4a.toString(await replica.get(200))).toBe('after')
          expect(pair.destroyed()).toBe(false)
        },
      ),
      { numRuns: 8 },
    )
  })
})
