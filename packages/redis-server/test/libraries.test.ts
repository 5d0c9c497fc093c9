import KeyvRedis from '@keyv/redis'
import { RedisStore } from 'connect-redis'
import type { SessionData } from 'express-session'
import { Keyv } from 'keyv'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'

describe('libraries that know a Redis at a port', () => {
  it('node-redis, with RESP3', async () => {
    await using opened = await openServer({ password: 'secret' })
    const { port } = opened
    const client = createClient({
      RESP: 3,
      password: 'secret',
      socket: { port, host: '127.0.0.1' },
    })
    await client.connect()
    await client.set('x', '1', { expiration: { type: 'EX', value: 10 } })
    expect(await client.get('x')).toBe('1')
    await client.zAdd('z', [
      { score: 1, value: 'a' },
      { score: 2.5, value: 'b' },
    ])
    expect(await client.zRangeWithScores('z', 0, -1)).toEqual([
      { value: 'a', score: 1 },
      { value: 'b', score: 2.5 },
    ])
    expect(await client.multi().incr('x').get('x').exec()).toEqual([2, '2'])
    client.destroy()
  })

  it('connect-redis', async () => {
    await using opened = await openServer()
    const socket = { port: opened.port, host: '127.0.0.1', reconnectStrategy: false as const }
    const client = createClient({ socket })
    client.on('error', () => undefined)
    await client.connect()
    const store = new RedisStore({ client })
    const session = { cookie: { originalMaxAge: 60_000 }, views: 1 } as unknown as SessionData
    await store.set('sid', session)
    expect(await store.get('sid')).toMatchObject({ views: 1 })
    await store.destroy('sid')
    expect(await store.get('sid')).toBeNull()
    client.destroy()
  })

  it('keyv', async () => {
    await using opened = await openServer()
    const keyv = new Keyv({ store: new KeyvRedis(`redis://127.0.0.1:${opened.port}`) })
    await keyv.set('a', { b: 1 }, 60_000)
    expect(await keyv.get('a')).toEqual({ b: 1 })
    expect(await keyv.delete('a')).toBe(true)
    expect(await keyv.get('a')).toBeUndefined()
    await keyv.disconnect()
  })
})
