// The server of ours that is measured, in a process of its own: `our-server.js FOLDER PORT`.
import { openKv } from '@datagram/kv-interface'
import { serveRedis } from '@datagram/redis-server'

const [folder = '', port = ''] = process.argv.slice(2)
const kv = await openKv(folder)
const server = await serveRedis(kv, { host: '127.0.0.1', port: Number(port) })

async function end(): Promise<void> {
  await server.close()
  await kv.close()
  // A profile is written when the process ends, which nothing must keep from it.
  process.exit(0)
}

process.once('SIGTERM', () => void end())
