import { defineInterface } from '@datagram/stream'
import { RedisStore } from './redis.ts'

/** Redis' data model as a stream interface: the key/value store comes with it, in key space 2. */
export const redisInterface = defineInterface({
  name: 'redis',
  contract: 1,
  version: 1,
  companion: true,
  open: (stream) => new RedisStore(stream),
  close: (redis: RedisStore) => redis.end(),
})
