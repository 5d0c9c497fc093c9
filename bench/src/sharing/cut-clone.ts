import { faultyProxy } from '@datagram/fault-harness'
import { cloneDatagram, type Datagram, isDatagramError, openDatagram } from 'datagram'
import type { SharingFigure, SharingGround } from './sharing-figure.ts'

const CUTS = 20
const ATTEMPTS_MAX = 60

/** Clones over TCP while the connection is cut at random. */
export async function measureCutClone({ folder, quick }: SharingGround): Promise<SharingFigure[]> {
  await using author = await openDatagram(`${folder}/author`)
  for (let i = 0; i < 5; i++) {
    const kv = await author.kv(`stream ${i}`)
    for (let k = 0; k < (quick ? 20 : 60); k++) {
      await kv.set(`key ${k}`, `${i} ${k} `.repeat([5, 500, 10_000][k % 3] as number))
    }
  }
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  await using proxy = await faultyProxy(server.address() as { port: number }, {
    cutAtRandom: { from: 1, to: 100_000 },
    cutsMax: CUTS,
    delayMs: 1,
  })
  const connect = [{ host: proxy.host, port: proxy.port }]
  const link = await author.share()
  let begun = 0
  let copy: Datagram | undefined
  while (copy === undefined) {
    begun++
    copy = await cloneDatagram(link, `${folder}/copy`, { connect }).catch((error: unknown) => {
      if (!isDatagramError(error) || begun === ATTEMPTS_MAX) throw error
      return undefined
    })
  }
  const differing = await differences(author, copy)
  await copy.close()
  const work = `a clone over TCP that was cut ${proxy.cuts} times`
  return [
    { work, figure: 'entries that differ', value: differing, limit: 0 },
    { work, figure: 'times begun', value: begun, limit: ATTEMPTS_MAX },
  ]
}

async function differences(author: Datagram, copy: Datagram): Promise<number> {
  let count = 0
  for await (const { name } of author.streams()) {
    const cloned = await copy.kv(name)
    for await (const [key, value] of (await author.kv(name)).entries()) {
      if ((await cloned.get(key)) !== value) count++
    }
  }
  return count
}
