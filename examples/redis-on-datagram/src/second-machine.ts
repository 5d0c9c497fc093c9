import { serveRedis } from '@datagram/redis-server'
import { cloneDatagram, type Datagram } from 'datagram'
import { redisClient } from './redis-client.ts'

type Address = NonNullable<NonNullable<Parameters<typeof cloneDatagram>[2]>['connect']>[number]

/** Another machine: it has the link, and serves the same sessions, to be read, at a Redis port of its own. */
export async function startSecondMachine(
  folder: string,
  { link, address }: { readonly link: string; readonly address: Address },
) {
  const datagram: Datagram = await cloneDatagram(link, folder, {
    password: 'another password',
    connect: [address],
  })
  const redis = await serveRedis(await datagram.kv('sessions'), { port: 0 })
  const client = await redisClient(redis.address().port)
  return {
    client,
    /** How often each visitor came, as far as this machine has heard. */
    async visits(): Promise<number[]> {
      const found: number[] = []
      for await (const keys of client.scanIterator({ MATCH: 'sess:*' })) {
        for (const key of keys) {
          const session = await client.get(key)
          if (session !== null) found.push((JSON.parse(session) as { visits: number }).visits)
        }
      }
      return found.sort((a, b) => a - b)
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await redis.close()
      await datagram.close()
    },
  }
}
