import { describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'

describe('ioredis', () => {
  it('pipelines, and carries out transactions', async () => {
    await using opened = await openServer()
    const redis = opened.client()
    const answers = await redis.multi().set('a', 1).incr('a').get('a').exec()
    expect(answers?.map(([, value]) => value)).toEqual(['OK', 2, '2'])
    await redis.hset('h', { x: 1, y: 2 })
    expect(await redis.hgetall('h')).toEqual({ x: '1', y: '2' })
    const pipeline = redis.pipeline()
    for (let i = 0; i < 1000; i++) pipeline.set(`k${i}`, i)
    await pipeline.exec()
    const keys = new Set<string>()
    for await (const some of redis.scanStream({ match: 'k*', count: 100 })) {
      for (const key of some) keys.add(key)
    }
    expect(keys.size).toBe(1000)
  })

  it('gives up a transaction when a watched key has changed', async () => {
    await using opened = await openServer()
    const [one, other] = [opened.client(), opened.client()]
    await one.watch('a')
    await other.set('a', 'changed')
    expect(await one.multi().set('a', 'mine').exec()).toBeNull()
    expect(await one.get('a')).toBe('changed')
  })

  it('hears messages and what happens to keys', async () => {
    await using opened = await openServer()
    const [redis, listener] = [opened.client(), opened.client()]
    await redis.config('SET', 'notify-keyspace-events', 'KEA')
    const heard: string[] = []
    listener.on('message', (channel, message) => heard.push(`${channel} ${message}`))
    listener.on('pmessage', (_pattern, channel, message) => heard.push(`${channel} ${message}`))
    await listener.subscribe('news')
    await listener.psubscribe('__keyevent@0__:*')
    await redis.publish('news', 'hello')
    await redis.set('a', '1', 'PX', 20)
    await expect
      .poll(() => heard, { timeout: 20_000 })
      .toEqual([
        'news hello',
        '__keyevent@0__:set a',
        '__keyevent@0__:expire a',
        '__keyevent@0__:expired a',
      ])
  })

  it('waits for elements, the longest-waiting first', async () => {
    await using opened = await openServer()
    const [redis, first, second] = [opened.client(), opened.client(), opened.client()]
    const one = first.blpop('q', 20)
    const isWaiting = async (count: number) =>
      (await redis.info('clients')).includes(`blocked_clients:${count}`)
    await expect.poll(() => isWaiting(1), { timeout: 20_000 }).toBe(true)
    const other = second.blpop('q', 20)
    await expect.poll(() => isWaiting(2), { timeout: 20_000 }).toBe(true)
    await redis.rpush('q', 'a', 'b')
    expect(await one).toEqual(['q', 'a'])
    expect(await other).toEqual(['q', 'b'])
  })
})
