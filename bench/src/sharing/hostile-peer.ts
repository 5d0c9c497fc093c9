import { randomBytes, randomInt } from 'node:crypto'
import { cloneDatagram, type Datagram, openDatagram } from 'datagram'
import { controlChannel, type ControlMessages } from './raw-control.ts'
import type { SharingFigure, SharingGround } from './sharing-figure.ts'

// One message in so many is nonsense, and costs its sender the connection.
const NONSENSE_EVERY = 500
const MEMORY_MIB_MAX = 100
const LATE_MS_MAX = 5_000

/** A peer says many things that are random, or mean nothing, while an honest one goes on replicating. */
export async function measureHostilePeer({
  folder,
  quick,
}: SharingGround): Promise<SharingFigure[]> {
  const messages = quick ? 2_000 : 100_000
  await using author = await openDatagram(`${folder}/author`)
  const kv = await author.kv('settings')
  await kv.set('round', '0')
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  await using copy = await cloneDatagram(await author.share(), `${folder}/copy`, {
    connect: [server.address()],
  })
  const before = process.memoryUsage().rss
  let latestMs = 0
  let said = 0
  for (let round = 1; said < messages; round++) {
    const channel = await controlChannel(author)
    for (let i = 0; i < NONSENSE_EVERY && said < messages; i++, said++) say(channel, i)
    await kv.set('round', `${round}`)
    latestMs = Math.max(latestMs, await arrival(copy, `${round}`))
    channel.destroy()
  }
  const grownMiB = (process.memoryUsage().rss - before) / 2 ** 20
  const work = `${messages} hostile control messages`
  return [
    { work, figure: 'memory grown, MiB', value: grownMiB, limit: MEMORY_MIB_MAX },
    { work, figure: 'longest wait of an honest peer, ms', value: latestMs, limit: LATE_MS_MAX },
  ]
}

function say(channel: ControlMessages, i: number): void {
  if (i === NONSENSE_EVERY - 1) return channel.say(randomInt(13), randomBytes(randomInt(200)))
  // Well formed: want, accept, decline and withdraw of streams that nobody has, with proofs of nothing.
  const number = [1, 3, 4, 5][i % 4] as number
  channel.say(number, randomBytes(number < 4 ? 64 : 33))
}

/** Milliseconds until the clone has the newest value. */
async function arrival(copy: Datagram, value: string): Promise<number> {
  const began = performance.now()
  const kv = await copy.kv('settings')
  while ((await kv.get('round')) !== value) {
    if (performance.now() - began > 10 * LATE_MS_MAX) break
    await copy.update()
  }
  return performance.now() - began
}
