import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openKv } from '@datagram/kv-interface'
import { Redis } from 'ioredis'
import { serveRedis } from '../src/index.ts'

// A client's pipelines against a server, until both are killed: each answered command is acknowledged.
const { folder, first } = childOptions<{ folder: string; first: number }>()
const kv = await openKv(folder)
const server = await serveRedis(kv, { port: 0 })
const redis = new Redis(server.address())

for (let n = first; ; n++) {
  const pipeline = redis.pipeline()
  for (let i = 0; i < 20; i++) {
    pipeline.set(`${n}:${i}`, `${n}`, (error) => {
      if (!error) acknowledge(`${n}:${i}`)
    })
  }
  const pair = redis.multi().hset('pair', 'a', n).hset('pair', 'b', n)
  await Promise.all([pipeline.exec(), pair.exec()])
}
