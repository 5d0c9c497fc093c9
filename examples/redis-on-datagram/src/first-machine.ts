import { serveRedis } from '@datagram/redis-server'
import { openDatagram } from 'datagram'
import { redisClient } from './redis-client.ts'
import { startWebServer, urlOf } from './web-server.ts'

/** The machine whose visitors come: a web server whose sessions lie in a datagram. */
export async function startFirstMachine(folder: string) {
  const datagram = await openDatagram(folder, { password: 'correct horse battery staple' })
  const redis = await serveRedis(await datagram.kv('sessions'), { port: 0 })
  const client = await redisClient(redis.address().port)
  const web = await startWebServer(client)
  const listener = await datagram.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: urlOf(web),
    link: await datagram.share(),
    address: listener.address(),
    async [Symbol.asyncDispose]() {
      web.closeAllConnections()
      web.close()
      client.destroy()
      await redis.close()
      await datagram.close()
    },
  }
}
