import path from 'node:path'
import { type Random, seededRun, soakFactor } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  hostDatagram,
  isDatagramError,
  openDatagram,
} from '../../src/index.ts'
import { temporaryFolder } from '../temporary-datagram.ts'

const KEYS = 2800 * soakFactor()
const BATCH = 100
const ROUNDS = 6
const FORGOTTEN_PART = 0.2
const SIZES = [10, 10, 10, 10, 300, 300, 1500, 3000, 20_000]
const LARGE = 70_000

/** Entries that are written and forgotten at random, and what must be left of them. */
class Workload {
  readonly left = new Map<string, number>()
  forgotten = 0
  readonly #random: Random
  readonly #datagram: Datagram
  #next = 0

  constructor(random: Random, datagram: Datagram) {
    this.#random = random
    this.#datagram = datagram
  }

  async write(count: number): Promise<void> {
    const random = this.#random
    const batch = Array.from({ length: count }, () => {
      const key = `key ${this.#next++}`
      const size = random.chance(0.01) ? LARGE : random.pick(SIZES)
      const value = `${key}:`.padEnd(size, 'v')
      this.left.set(key, value.length)
      return { type: 'set' as const, key, value }
    })
    await (await this.#datagram.kv('map')).batch(batch)
  }

  async forgetSome(): Promise<void> {
    const going = [...this.left.keys()].filter(() => this.#random.chance(FORGOTTEN_PART))
    for (const key of going) this.left.delete(key)
    await (await this.#datagram.kv('map')).forget(...going)
    this.forgotten += going.length
  }

  anyKey(): string {
    return `key ${this.#random.between(0, this.#next)}`
  }
}

/** Reads one entry after another until it is told to stop: each comes, or is refused with a code. */
async function read(datagram: Datagram, work: Workload, isOver: () => boolean): Promise<number> {
  const map = await datagram.kv('map')
  for (let reads = 0; ; reads++) {
    if (isOver()) return reads
    const key = work.anyKey()
    try {
      const value = await map.get(key)
      if (value !== undefined) expect(value.startsWith(`${key}:`)).toBe(true)
    } catch (error) {
      if (!isDatagramError(error)) throw error
    }
    // Reads of what is in memory would leave nobody else a turn.
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

async function entriesOf(datagram: Datagram): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for await (const [key, value] of (await datagram.kv('map')).entries()) {
    expect(value.startsWith(`${key}:`)).toBe(true)
    found.set(key, value.length)
  }
  return found
}

/** All entries that a clone of its own gets from `from` alone. */
async function entriesFrom(from: Address, link: string, folder: string) {
  await using copy = await cloneDatagram(link, folder, { connect: [from] })
  expect((await copy.verify()).problems).toEqual([])
  return await entriesOf(copy)
}

const addressOf = async (datagram: Pick<Datagram, 'listen'>): Promise<Address> =>
  (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()

async function forgetAndRead(random: Random, home: string): Promise<void> {
  await using author = await openDatagram(path.join(home, 'author'))
  const address = await addressOf(author)
  const link = await author.share()
  const work = new Workload(random, author)
  for (let at = 0; at < KEYS; at += BATCH) await work.write(BATCH)
  const connect = [address]
  await using replica = await cloneDatagram(link, path.join(home, 'replica'), { connect })
  const blind = await author.share({ access: 'blind' })
  await using host = await hostDatagram(blind, path.join(home, 'host'), { connect })
  await host.update()

  let isOver = false
  const readers = Promise.all([author, replica].map((one) => read(one, work, () => isOver)))
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await work.forgetSome()
      await work.write(5)
      if (random.chance()) await replica.update()
      if (random.chance()) await host.update()
    }
  } finally {
    isOver = true
  }
  for (const reads of await readers) expect(reads).toBeGreaterThan(0)
  expect(work.forgotten).toBeGreaterThan(KEYS / 2)

  await replica.update()
  await host.update()
  await author.compact()
  expect(await entriesOf(author)).toEqual(work.left)
  const sources = [address, await addressOf(replica), await addressOf(host)]
  for (const [i, from] of sources.entries()) {
    const found = await entriesFrom(from, link, path.join(home, `from ${i}`))
    expect(found, `from source ${i}`).toEqual(work.left)
  }
}

it('after many random forgets every survivor is had from the author, a replica and a blind host', {
  timeout: 300_000 * soakFactor(),
}, async () => {
  const home = await temporaryFolder()
  await seededRun((random) => forgetAndRead(random, home))
})
