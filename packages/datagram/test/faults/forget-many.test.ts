import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  hostDatagram,
  openDatagram,
} from '../../src/index.ts'
import { temporaryFolder } from '../temporary-datagram.ts'
import { soakFactor } from './soak.ts'

const KEYS = 400 * soakFactor()
const ROUNDS = 6
const SIZES = [10, 10, 300, 1500, 3000, 20_000, 70_000]

/** All entries that a clone of its own gets from `from` alone. */
async function entriesFrom(from: Address, link: string, folder: string) {
  await using copy = await cloneDatagram(link, folder, { connect: [from] })
  expect((await copy.verify()).problems).toEqual([])
  return await entriesOf(copy)
}

async function entriesOf(datagram: Datagram): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const map = await datagram.kv('map')
  for await (const [key, value] of map.entries()) {
    expect(value.startsWith(`${key}:`)).toBe(true)
    found.set(key, value.length)
  }
  return found
}

it('after many random forgets every survivor is had from the author, a replica and a blind host', {
  timeout: 300_000 * soakFactor(),
}, async () => {
  const random = new Random(Date.now())
  const home = await temporaryFolder()
  await using author = await openDatagram(path.join(home, 'author'))
  const map = await author.kv('map')
  const address = (await author.listen({ host: '127.0.0.1', port: 0 })).address()
  const link = await author.share()
  const model = new Map<string, number>()
  const writeSome = async (from: number, count: number) => {
    const batch = Array.from({ length: count }, (_, i) => {
      const key = `key ${from + i}`
      const value = `${key}:`.padEnd(random.pick(SIZES), 'v')
      model.set(key, value.length)
      return { type: 'set' as const, key, value }
    })
    await map.batch(batch)
  }
  for (let at = 0; at < KEYS; at += 20) await writeSome(at, 20)
  await using replica = await cloneDatagram(link, path.join(home, 'replica'), {
    connect: [address],
  })
  const blind = await author.share({ access: 'blind' })
  await using host = await hostDatagram(blind, path.join(home, 'host'), { connect: [address] })
  await host.update()
  for (let round = 0; round < ROUNDS; round++) {
    const going = [...model.keys()].filter(() => random.chance(0.08))
    await map.forget(...going)
    for (const key of going) model.delete(key)
    await writeSome(KEYS + 5 * round, 5)
    if (random.chance()) await replica.update()
    if (random.chance()) await host.update()
  }
  await replica.update()
  await host.update()
  await author.compact()
  const of = `seed ${random.seed}`
  expect(await entriesOf(author), of).toEqual(model)
  const others = [replica, host]
  const servers = await Promise.all(others.map((one) => one.listen({ host: '127.0.0.1', port: 0 })))
  const sources = [address, ...servers.map((server) => server.address())]
  for (const [i, from] of sources.entries()) {
    const found = await entriesFrom(from, link, path.join(home, `from ${i}`))
    expect(found, `${of}, from ${i}`).toEqual(model)
  }
})
