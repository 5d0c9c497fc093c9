import type { Datagram } from '../src/index.ts'
import type { Forgetful } from './forgetful-interface.ts'

const SIZES = [100]
// A long one lies in a frame, the others in the index.
const STRING_SIZES = [100, 4000]

interface Command {
  readonly name: string
  readonly store: (key: string, secret: string) => readonly string[]
  readonly drop: (key: string, secret: string) => readonly string[]
  readonly read: (key: string, secret: string) => readonly string[]
}

const commands: readonly Command[] = [
  {
    name: 'a string',
    store: (key, secret) => ['SET', key, secret],
    drop: (key) => ['DEL', key],
    read: (key) => ['GET', key],
  },
  {
    name: 'a key',
    store: (_, secret) => ['SET', secret, 'one'],
    drop: (_, secret) => ['DEL', secret],
    read: (_, secret) => ['EXISTS', secret],
  },
  {
    name: 'a value of a hash',
    store: (key, secret) => ['HSET', key, 'field', secret, 'beside', 'it'],
    drop: (key) => ['HDEL', key, 'field'],
    read: (key) => ['HEXISTS', key, 'field'],
  },
  {
    name: 'a field of a hash',
    store: (key, secret) => ['HSET', key, secret, 'one', 'beside', 'it'],
    drop: (key, secret) => ['HDEL', key, secret],
    read: (key, secret) => ['HEXISTS', key, secret],
  },
  {
    name: 'an item of a list',
    store: (key, secret) => ['RPUSH', key, 'beside', secret],
    drop: (key, secret) => ['LREM', key, '0', secret],
    read: (key, secret) => ['LPOS', key, secret],
  },
  {
    name: 'a member of a set',
    store: (key, secret) => ['SADD', key, 'beside', secret],
    drop: (key, secret) => ['SREM', key, secret],
    read: (key, secret) => ['SISMEMBER', key, secret],
  },
  {
    name: 'a member of a sorted set',
    store: (key, secret) => ['ZADD', key, '1', 'beside', '2', secret],
    drop: (key, secret) => ['ZREM', key, secret],
    read: (key, secret) => ['ZSCORE', key, secret],
  },
]

async function call(datagram: Datagram, [name, ...args]: readonly string[]) {
  const { redis } = await datagram.kv('redis', { retain: 'latest' })
  return redis.call(name as string, ...args)
}

/** What Redis keeps, under 'latest': it is removed, and goes when the datagram is compacted. */
export const forgetfulRedis: readonly Forgetful[] = commands.map(({ name, store, drop, read }) => {
  const keyOf = ({ length }: string) => `${name} of ${length}`
  return {
    name: `${name} of Redis`,
    stream: 'redis',
    sizes: name === 'a string' ? STRING_SIZES : SIZES,
    store: async (datagram, secret) => void (await call(datagram, store(keyOf(secret), secret))),
    forget: async (datagram, secret) => void (await call(datagram, drop(keyOf(secret), secret))),
    has: async (datagram, secret) => {
      const found = await call(datagram, read(keyOf(secret), secret))
      return found !== 0 && found !== null && found !== undefined
    },
  }
})
