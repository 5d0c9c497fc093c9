import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openKv } from '../src/index.ts'

async function openStore() {
  const folder = await temporaryFolder()
  const kv = await openKv(folder.join('kv'))
  return {
    kv,
    redis: kv.redis,
    reopen: async () => {
      await kv.close()
      return openKv(folder.join('kv'))
    },
    async [Symbol.asyncDispose]() {
      await kv.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const refused = (text: string) =>
  expect.objectContaining({ code: 'REDIS_COMMAND_REFUSED', message: text })

describe("Redis' data model", () => {
  it('has methods, a call for every command, and absence as undefined', async () => {
    await using store = await openStore()
    const { kv, redis } = store
    expect(await redis.set('a', 1)).toBe('OK')
    expect(await redis.incrBy('a', 41)).toBe(42)
    expect(await redis.get('none')).toBeUndefined()
    expect(await redis.hSet('h', 'x', '1', 'y', '2')).toBe(2)
    expect(await redis.hGetAll('h')).toEqual({ x: '1', y: '2' })
    expect(await redis.rPush('l', 'a', 'b', 'c')).toBe(3)
    expect(await redis.lRange('l', 0, -1)).toEqual(['a', 'b', 'c'])
    expect(await redis.zAdd('z', 2, 'b', 1, 'a')).toBe(2)
    expect(await redis.zRange('z', 0, -1, 'WITHSCORES')).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(await kv.call('OBJECT', 'ENCODING', 'a')).toBe('int')
    expect(await redis.callBytes('GET', 'a')).toEqual(Uint8Array.of(52, 50))
    await expect(redis.lPush('a', 'x')).rejects.toEqual(
      refused('WRONGTYPE Operation against a key holding the wrong kind of value'),
    )
    await expect(kv.call('MULTI')).rejects.toThrow(TypeError)
  })

  it('keeps its keys beside those of the ordered map', async () => {
    await using store = await openStore()
    const { kv, redis } = store
    await kv.set('a', 'of the map')
    await redis.set('a', 'of redis')
    expect(await kv.get('a')).toBe('of the map')
    expect(await redis.get('a')).toBe('of redis')
    await redis.flushAll()
    expect(await kv.get('a')).toBe('of the map')
  })

  it('carries out a transaction as one, whatever is refused in it', async () => {
    await using store = await openStore()
    const { redis } = store
    const answers = await redis.transaction([
      ['SET', 'a', 'x'],
      ['INCR', 'a'],
      ['GET', 'a'],
    ])
    expect(answers[0]).toBe('OK')
    expect(answers[1]).toEqual(refused('ERR value is not an integer or out of range'))
    expect(answers[2]).toBe('x')
    await expect(redis.transaction([['GET']])).rejects.toThrow(/wrong number of arguments/)
  })

  it('finds everything again after it was closed, with its expiry', async () => {
    await using store = await openStore()
    const { redis } = store
    const long = 'k'.repeat(9000)
    await redis.set(long, 'v'.repeat(5000), 'PX', 60_000)
    await redis.sAdd('s', long, 'short')
    await redis.hSet('h', long, 'v')
    await redis.zAdd('z', -1.5, long)
    await redis.set('soon', 'gone', 'PX', 30)
    const again = await store.reopen()
    const found = again.redis
    expect(await found.get(long)).toBe('v'.repeat(5000))
    expect(await found.pTtl(long)).toBeGreaterThan(1000)
    expect((await found.sMembers('s')).sort()).toEqual([long, 'short'])
    expect(await found.hGetAll('h')).toEqual({ [long]: 'v' })
    expect(await found.zScore('z', long)).toBe(-1.5)
    expect((await found.keys('*')).sort()).toEqual(['h', long, 's', 'z'])
    for (const end = Date.now() + 10_000; (await found.dbSize()) > 4 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await found.dbSize()).toBe(4)
    await again.close()
  })

  it('waits for an element without holding others up', async () => {
    await using store = await openStore()
    const { redis } = store
    const waiting = redis.blPop('queue', 20)
    await redis.set('other', '1')
    await redis.rPush('queue', 'job')
    expect(await waiting).toEqual(['queue', 'job'])
    expect(await redis.blPop('queue', 0.01)).toBeUndefined()
  })

  it('frees what a deleted collection held, in steps', async () => {
    await using store = await openStore()
    const { redis } = store
    const fields = Array.from({ length: 1000 }, (_, i) => [`f${i}`, 'v']).flat()
    await redis.hSet('h', ...fields)
    await redis.del('h')
    expect(await redis.exists('h')).toBe(0)
    await redis.hSet('h', 'a', 'b')
    expect(await redis.hGetAll('h')).toEqual({ a: 'b' })
  })

  it('scans with cursors that stay good while others write', async () => {
    await using store = await openStore()
    const { redis } = store
    await Promise.all(Array.from({ length: 500 }, (_, i) => redis.set(`key:${i}`, i)))
    const seen = new Set<string>()
    let cursor = '0'
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'key:*', 'COUNT', 20)
      for (const key of keys) seen.add(key)
      await redis.set(`new:${cursor}`, 'x')
      await redis.del(`new:${cursor}`)
      cursor = next
    } while (cursor !== '0')
    expect(seen.size).toBe(500)
  })

  it('reads and writes numbers of some bits inside a string', async () => {
    await using store = await openStore()
    const { redis } = store
    expect(await redis.bitField('a', 'INCRBY', 'i5', 100, 1, 'GET', 'u4', 0)).toEqual([1, 0])
    const step = ['INCRBY', 'u2', 100, 1, 'OVERFLOW', 'SAT', 'INCRBY', 'u2', 102, 1] as const
    const answers: unknown[] = []
    for (let i = 0; i < 4; i++) answers.push(await redis.bitField('b', ...step))
    expect(answers).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [0, 3],
    ])
    const failing = await redis.bitField('b', 'OVERFLOW', 'FAIL', 'INCRBY', 'u2', 102, 1)
    expect(failing).toEqual([undefined])
    expect(await redis.bitField('c', 'SET', 'i64', '#1', '-9223372036854775808')).toEqual([0])
    expect(await redis.bitFieldRO('c', 'GET', 'i64', 64, 'GET', 'u63', 65)).toEqual([
      -9223372036854775808n,
      0,
    ])
    expect(await redis.bitField('c', 'SET', 'u8', 0, -1, 'GET', 'i8', 0)).toEqual([0, -1])
    await expect(redis.bitField('c', 'GET', 'u64', 0)).rejects.toThrow(/Invalid bitfield type/)
    await expect(redis.bitFieldRO('c', 'SET', 'u8', 0, 1)).rejects.toThrow(/only supports the GET/)
  })
})
