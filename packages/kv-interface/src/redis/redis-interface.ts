import { defineInterface } from '@datagram/stream'
import { RedisStore } from './redis.ts'

/** Redis' data model as a stream interface: the key/value store requires it, in a key space of its own. */
export const redisInterface = defineInterface({
  name: 'redis',
  contract: 1,
  version: 1,
  open: (stream) => new RedisStore(stream),
  close: (redis: RedisStore) => redis.end(),
})
