import { createClient } from 'redis'

/** An ordinary Redis client, connected to a port of this machine. */
export async function redisClient(port: number) {
  const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: false } })
  // What fails is told to whoever asked for it.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** What {@link redisClient} gives. */
export type RedisClient = Awaited<ReturnType<typeof redisClient>>
