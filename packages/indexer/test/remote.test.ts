import { describe, expect, it, onTestFinished } from 'vitest'
import { beginAnew, type Index, openIndex } from '../src/index.ts'
import { text } from './bytes.ts'
import { MemoryLog } from './memory-log.ts'
import { SMALL } from './model-world.ts'
import { ReplicaLog } from './replica-log.ts'
import { load, put, until, workload } from './settled.ts'

const COUNT = 100_000
const OPERATION_BYTES = 104
const code = (expected: string) => expect.objectContaining({ code: expected })

// One author for all tests that only read from it.
const author = (async () => {
  const log = new MemoryLog()
  const index = await openIndex(log, { graceMs: 0 })
  await load(index, workload(COUNT))
  await index.flush()
  const unsettled = log.copy()
  await index.compact()
  await index.close()
  return { settled: log, unsettled }
})()

async function reader(log: MemoryLog): Promise<{ log: ReplicaLog; index: Index }> {
  const replica = new ReplicaLog(log)
  replica.latencyMs = 10
  await replica.update()
  const index = await openIndex(replica, { graceMs: 0 })
  onTestFinished(() => index.close())
  return { log: replica, index }
}

const key = (number: number) => text(`user:${String(number).padStart(9, '0')}`)

describe('a reader far away', () => {
  it('gets a key in three round trips and few bytes, and another in one', async () => {
    const { log, index } = await reader((await author).settled)
    expect(log.rounds).toBe(1)
    expect(await index.get(key(4711))).toHaveLength(90)
    expect(log.rounds).toBe(3)
    // The fences that come behind the first leaf are counted too.
    expect(log.bytesFetched).toBeLessThan(24 * 1024)
    for (const number of [99_999, 0, 50_123]) {
      await log.idle()
      log.resetCounts()
      expect(await index.get(key(number))).toHaveLength(90)
      expect(log.rounds).toBe(1)
      expect(log.bytesFetched).toBeLessThan(9 * 1024)
    }
    await log.idle()
    log.resetCounts()
    expect(await index.get(key(COUNT))).toBe(undefined)
    expect(log.rounds).toBeLessThanOrEqual(1)
  })

  it('does so too while runs stand beside each other', async () => {
    const { log, index } = await reader((await author).unsettled)
    expect(index.stats().runs).toBeGreaterThan(1)
    expect(await index.get(key(31_337))).toHaveLength(90)
    expect(log.rounds).toBe(3)
    expect(log.bytesFetched).toBeLessThan(64 * 1024)
  })

  it('gets many keys in three round trips', async () => {
    const { log, index } = await reader((await author).settled)
    const values = await index.getMany(Array.from({ length: 100 }, (_, i) => key(i * 997)))
    expect(values.every((value) => value?.length === 90)).toBe(true)
    expect(log.rounds).toBe(3)
  })

  it.each([false, true])(
    'ranges over a thousand entries in three round trips (reverse: %s)',
    async (reverse) => {
      for (const from of ['settled', 'unsettled'] as const) {
        const { log, index } = await reader((await author)[from])
        const bound = reverse ? { lt: key(52_000) } : { gte: key(51_000) }
        let count = 0
        for await (const _ of index.range({ ...bound, reverse, limit: 1000 })) count += 1
        expect(count).toBe(1000)
        expect(log.rounds).toBe(3)
        const factor = from === 'settled' ? 1.2 : 1.5
        expect(log.bytesFetched).toBeLessThan(factor * 1000 * OPERATION_BYTES)
      }
    },
  )

  it('ranges between bounds without reading beyond them', async () => {
    const { log, index } = await reader((await author).settled)
    let count = 0
    for await (const _ of index.range({ gte: key(51_000), lt: key(52_000) })) count += 1
    expect(count).toBe(1000)
    expect(log.rounds).toBe(3)
    expect(log.bytesFetched).toBeLessThan(1.2 * 1000 * OPERATION_BYTES)
  })

  it('knows from the head what there is to download', async () => {
    const { settled } = await author
    const { log, index } = await reader(settled)
    const blocks = index.liveRanges().flatMap(({ start, end }) => {
      return Array.from({ length: end - start }, (_, i) => start + i)
    })
    log.resetCounts()
    await log.getBlocks(blocks)
    expect(log.rounds).toBe(1)
    expect(log.bytesFetched).toBeLessThan(1.0 * COUNT * OPERATION_BYTES)
    // From then on nobody needs to be there.
    log.online = false
    let count = 0
    for await (const [, value] of index.range()) count += value.length
    expect(count).toBe(90 * COUNT)
  })
})

describe('a reader whose peer is a replica too', () => {
  async function chain() {
    const log = new MemoryLog()
    const index = await openIndex(log, SMALL)
    onTestFinished(() => index.close())
    await load(index, workload(300))
    await index.flush()
    const peer = new ReplicaLog(log)
    await peer.update()
    const kept = await openIndex(peer, SMALL)
    onTestFinished(() => kept.close())
    for await (const _ of kept.range()) continue
    return { index, peer, kept }
  }
  async function goOn(index: Index, peer: ReplicaLog): Promise<void> {
    await load(index, workload(300, 1))
    await index.flush()
    // It hears how long the log is, and fetches nothing.
    await peer.update()
    peer.online = false
  }

  it('opens at the newest head that the peer has', async () => {
    const { index, peer, kept } = await chain()
    await goOn(index, peer)
    const { index: remote } = await reader(peer)
    expect(remote.covers).toBe(kept.covers)
    expect(remote.covers).toBeLessThan(index.covers)
    expect(await remote.get(key(5))).toEqual(await kept.get(key(5)))
  })

  it('goes over to the newest head that the peer has whole', async () => {
    const { index, peer, kept } = await chain()
    const { index: remote } = await reader(peer)
    for await (const _ of remote.range()) continue
    await load(index, workload(300, 1))
    await index.flush()
    expect(await kept.update()).toBe(true)
    await goOn(index, peer)
    // The newest head itself, but not what it needs.
    peer.online = true
    await peer.getBlock(peer.length - 1)
    peer.online = false
    expect(await remote.update()).toBe(true)
    expect(remote.covers).toBe(kept.covers)
    expect(remote.covers).toBeLessThan(index.covers)
    let count = 0
    for await (const _ of remote.range()) count += 1
    expect(count).toBe(300)
    expect(await remote.update()).toBe(false)
  })
})

describe('a reader of an author who goes on writing', () => {
  async function pair(count = 300) {
    const log = new MemoryLog()
    const index = await openIndex(log, SMALL)
    onTestFinished(() => index.close())
    await load(index, workload(count))
    await index.compact()
    const replica = new ReplicaLog(log)
    await replica.update()
    const remote = await openIndex(replica, SMALL)
    onTestFinished(() => remote.close())
    return { log, index, replica, remote }
  }
  const stamp = { ms: 1_700_000_000_000, counter: 0 }

  it('goes over to a newer head when it is told to', async () => {
    const { index, remote } = await pair()
    expect(await remote.update()).toBe(false)
    await load(index, workload(300, 1))
    await index.flush()
    expect(await remote.update()).toBe(true)
    expect(remote.covers).toBe(index.covers)
    expect(await remote.get(key(5))).toEqual(await index.get(key(5)))
  })

  it('stays with its head while the author writes the index anew', async () => {
    const { log, index, remote } = await pair()
    const { covers } = remote
    const expected = await index.get(key(5))
    await index.close()
    await beginAnew(log)
    const again = await openIndex(log, SMALL)
    onTestFinished(() => again.close())
    expect(again.covers).toBe(0)
    expect(await again.get(key(5))).toBe(undefined)
    expect(await remote.update()).toBe(false)
    expect(remote.covers).toBe(covers)
    for (let position = 1; position <= covers; position++) {
      again.apply([put('user:000000005', `${position}`)], { position, stamp })
      if (position < covers) continue
      await again.flush()
    }
    expect(await remote.update()).toBe(true)
    expect(remote.covers).toBe(covers)
    expect(await remote.get(key(5))).toEqual(text(`${covers}`))
    expect(expected).toHaveLength(90)
  })

  it('keeps applied operations until a head covers them', async () => {
    const { index, remote } = await pair()
    const position = index.covers
    remote.apply([put('user:000000005', 'here')], { position: position + 1, stamp })
    remote.apply([put('user:000000006', 'there')], { position: position + 2, stamp })
    expect(await remote.get(key(5))).toEqual(text('here'))
    index.apply([put('user:000000005', 'author')], { position: position + 1, stamp })
    await index.flush()
    expect(await remote.update()).toBe(true)
    expect(await remote.get(key(5))).toEqual(text('author'))
    expect(await remote.get(key(6))).toEqual(text('there'))
    expect(remote.stats().memoryOperations).toBe(1)
  })

  it('reads on from a newer head when blocks are dropped under it', async () => {
    const { index, remote } = await pair()
    await load(index, workload(300, 1))
    await index.compact()
    expect(await remote.get(key(5))).toEqual(await index.get(key(5)))
    expect(remote.covers).toBe(index.covers)
  })

  it('says so when a moment can no longer be read', async () => {
    const { index, replica, remote } = await pair(3000)
    const snapshot = remote.snapshot()
    const range = remote.range({ gte: key(0) })
    await range.next()
    await load(index, workload(3000, 1))
    await index.compact()
    await expect(snapshot.get(key(2500))).rejects.toThrow(code('INDEX_SNAPSHOT_GONE'))
    await expect(
      (async () => {
        for await (const _ of range) continue
      })(),
    ).rejects.toThrow(code('INDEX_SNAPSHOT_GONE'))
    replica.online = false
    const offline = new ReplicaLog(index.log as MemoryLog)
    await offline.update()
    offline.online = false
    await expect(openIndex(offline)).rejects.toThrow(code('BLOCK_UNAVAILABLE'))
  })

  it('says that nobody has a block when there is no newer head either', async () => {
    const { replica, remote } = await pair()
    replica.online = false
    await expect(remote.get(key(5))).rejects.toThrow(code('BLOCK_UNAVAILABLE'))
    await expect(remote.range().next()).rejects.toThrow(code('BLOCK_UNAVAILABLE'))
    expect(await remote.update()).toBe(false)
    replica.online = true
    expect(await remote.get(key(5))).toHaveLength(90)
  })

  it('opens offline with the newest head that it has', async () => {
    const { index, replica, remote } = await pair()
    let count = 0
    for await (const _ of remote.range()) count += 1
    await remote.close()
    await load(index, workload(300, 1))
    await index.flush()
    await replica.update()
    replica.online = false
    const offline = await openIndex(replica, SMALL)
    onTestFinished(() => offline.close())
    expect(offline.covers).toBeLessThan(index.covers)
    let again = 0
    for await (const _ of offline.range()) again += 1
    expect(again).toBe(count)
  })

  it('drops its copies of what newer heads do not need', async () => {
    const { index, replica, remote } = await pair()
    for await (const _ of remote.range()) continue
    await load(index, workload(300, 1))
    await index.compact()
    await remote.update()
    await until(() => remote.stats().droppedBlocks > 0, 'the replica drops blocks')
    for await (const _ of remote.range()) continue
    const here = replica.blocks.filter((block) => block !== undefined).length
    expect(here).toBeLessThanOrEqual(
      remote.stats().liveBlocks + remote.stats().supersededBlocks + 1,
    )
  })

  it('takes nothing of its own', async () => {
    const { remote } = await pair()
    expect(remote.writable).toBe(false)
    for (const call of [() => remote.batch([put('a', '1')]), () => remote.flush()]) {
      await expect(call()).rejects.toThrow(code('LOG_NOT_WRITABLE'))
    }
    await remote.ready()
    await remote.compact()
    expect(remote.problem).toBe(undefined)
  })

  it('gets many keys of one moment, though blocks are dropped between them', async () => {
    const { index, remote } = await pair()
    await load(index, workload(300, 1))
    await index.compact()
    const keys = Array.from({ length: 300 }, (_, i) => key(i))
    const reading = remote.getMany(keys)
    for (const one of keys) one.fill(0)
    const all = Array.from({ length: 300 }, (_, i) => key(i))
    expect(await reading).toEqual(await index.getMany(all))
  })

  it('stops waiting when it is told to', async () => {
    const { replica, remote } = await pair()
    replica.latencyMs = 500
    await expect(remote.get(key(9), { timeoutMs: 20 })).rejects.toThrow(code('WAIT_TIMEOUT'))
    const stop = new AbortController()
    const reading = remote.getMany([key(10)], { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    await expect(
      remote.range({ signal: AbortSignal.abort(new Error('before')) }).next(),
    ).rejects.toThrow('before')
  })
})
