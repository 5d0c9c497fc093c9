import { type TemporaryFolder, temporaryFolder } from '@datagram/fault-harness'
import { openKv } from '@datagram/kv-interface'
import { Redis } from 'ioredis'
import { type RedisServerOptions, serveRedis } from '../src/index.ts'

/** A server over a new store, and clients of it; all closed at the end of its scope. */
export async function openServer(options: RedisServerOptions = {}) {
  const folder: TemporaryFolder = await temporaryFolder()
  const kv = await openKv(folder.join('kv'))
  const server = await serveRedis(kv, { port: 0, ...options })
  const clients: Redis[] = []
  const { host, port } = server.address()
  return {
    kv,
    server,
    port,
    /** A client of its own connection. */
    client(): Redis {
      const redis = new Redis({ host, port, retryStrategy: () => null })
      redis.on('error', () => undefined)
      clients.push(redis)
      return redis
    },
    async [Symbol.asyncDispose]() {
      for (const redis of clients) redis.disconnect()
      await server.close()
      await kv.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
