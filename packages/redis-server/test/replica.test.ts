import { kvInterface } from '@datagram/kv-interface'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { serveRedis } from '../src/index.ts'

function clientOf(port: number): Redis {
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => null })
  redis.on('error', () => undefined)
  onTestFinished(() => redis.disconnect())
  return redis
}

describe('a replica', () => {
  it('serves reads and notifications over its own port while the writer writes', async () => {
    const author = await logsOf(await temporaryStore())
    const { api: kv } = await streamOver(author, kvInterface)
    const copyLogs = await replicaLogsOf(await temporaryStore(), author)
    connect(author, copyLogs)
    const { api: copy } = await streamOver(copyLogs, kvInterface)
    await using writerServer = await serveRedis(kv, { port: 0 })
    await using copyServer = await serveRedis(copy, { port: 0 })
    const writer = clientOf(writerServer.address().port)
    const reader = clientOf(copyServer.address().port)
    const listener = clientOf(copyServer.address().port)

    await reader.config('SET', 'notify-keyspace-events', 'KEA')
    const heard: string[] = []
    listener.on('pmessage', (_pattern, channel, message) => heard.push(`${channel} ${message}`))
    await listener.psubscribe('__keyevent@0__:*')

    await writer.set('greeting', 'hello')
    await writer.hset('h', { x: '1', y: '2' })
    await writer.zadd('z', 1, 'a', 2, 'b')
    await writer.set('soon', 'gone', 'PX', 30)
    const long = 'k'.repeat(5000)
    await writer.set(long, 'x')
    const generous = { timeout: 30_000 }
    await expect.poll(() => reader.get('greeting'), generous).toBe('hello')
    await expect.poll(() => reader.exists(long), generous).toBe(1)
    await expect.poll(() => reader.exists('soon'), generous).toBe(0)
    expect(await reader.hgetall('h')).toEqual({ x: '1', y: '2' })
    expect(await reader.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['a', '1', 'b', '2'])
    const [, keys] = await reader.scan(0, 'COUNT', 100)
    expect(keys.sort()).toEqual(['greeting', 'h', long, 'z'].sort())
    await expect(reader.set('a', 'b')).rejects.toThrow(
      "READONLY You can't write against a read only replica.",
    )
    const events = ['set greeting', 'hset h', 'zadd z', 'set soon', 'expire soon', 'expired soon']
    for (const event of [...events, `set ${long}`]) {
      await expect.poll(() => heard, generous).toContain(`__keyevent@0__:${event}`)
    }
    for (let i = 0; i < 200; i++) void writer.incr('counter')
    await expect.poll(() => reader.get('counter'), generous).toBe('200')
  }, 120_000)
})
