import { setTimeout as sleep } from 'node:timers/promises'
import {
  faultyLink,
  type Random,
  seededRun,
  soakFactor,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { cloneDatagram, type Datagram, openDatagram } from '../../src/index.ts'
import { contentsOf, entriesOf } from './contents.ts'

const WRITERS = 16
const WRITE_MS = 3000 * soakFactor()
const STREAMS = ['a', 'b', 'c', 'd'] as const
const GROUP_KEYS = 10

/** Sets keys, groups of keys at once, and large values, and makes streams, until it is told to stop. */
async function write(
  datagram: Datagram,
  writer: number,
  random: Random,
  stopped: AbortSignal,
): Promise<number> {
  const kv = await datagram.kv(STREAMS[writer % STREAMS.length] as string)
  let count = 0
  for (; !stopped.aborted; count++) {
    const value = `${writer} ${count}`
    const kind = random.between(0, 100)
    if (kind < 45) await kv.batch(groupAt(writer, value))
    else if (kind < 60) await kv.del(`own ${writer} ${random.between(0, 50)}`)
    else if (kind < 65) await kv.set(`large ${writer}`, value.repeat(random.between(500, 40_000)))
    else if (kind < 66) await (await datagram.kv(`made ${value}`)).set('key', value)
    else if (kind < 67) await datagram.describe(STREAMS[0], { title: value })
    else await kv.set(`own ${writer} ${random.between(0, 50)}`, value)
    // Connections are made meanwhile, in this same process: they must not starve on a busy machine.
    if (random.chance(0.7)) await sleep(random.between(0, 30))
  }
  return count
}

function groupAt(writer: number, value: string) {
  return Array.from({ length: GROUP_KEYS }, (_, i) => ({
    type: 'set' as const,
    key: `group ${writer} ${i}`,
    value,
  }))
}

/** Every group that a reader sees is whole: all its keys have the value of one batch. */
async function readGroups(datagram: Datagram, name: string): Promise<number> {
  const kv = await datagram.kv(name)
  let groups = 0
  for (let writer = 0; writer < WRITERS; writer++) {
    const values: string[] = []
    for await (const value of kv.values({ prefix: `group ${writer} ` })) values.push(value)
    expect(new Set(values).size, `group ${writer} of ${name}: ${values}`).toBeLessThanOrEqual(1)
    expect([0, GROUP_KEYS]).toContain(values.length)
    if (values.length > 0) groups++
  }
  return groups
}

/** Updates and reads a clone until it is told to stop; how many whole groups it saw. */
async function follow(
  clone: Datagram,
  names: readonly string[],
  sparse: boolean,
  stopped: AbortSignal,
): Promise<number> {
  let groups = 0
  while (!stopped.aborted) {
    await clone.update({ sparse })
    for (const name of names) groups += await readGroups(clone, name)
    await sleep(5)
  }
  return groups
}

/** A clone that is fed over a duplex stream in memory alone. */
async function cloneOverDuplex(author: Datagram, folder: string): Promise<Datagram> {
  const link = await author.share()
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  const connect = [server.address()]
  // What makes a folder a clone is cloneDatagram; all but the root comes over the duplex.
  await (await cloneDatagram(link, folder, { connect, sparse: true })).close()
  await server.close()
  const clone = await openDatagram(folder)
  const wire = faultyLink({ delayMs: 1, pieceBytesMax: 3000 })
  await author.replicate(wire.a, { initiator: false })
  await (await clone.replicate(wire.b, { initiator: true })).rootAgreed()
  return clone
}

describe('many writers', () => {
  it('while three clones follow: no half batch is seen, and all are equal in the end', {
    timeout: 180_000 + 3 * WRITE_MS,
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      await using author = await openDatagram(folder.join('mine'))
      for (const name of STREAMS) await (await author.kv(name)).set('first', 'value')
      const server = await author.listen({ host: '127.0.0.1', port: 0 })
      const connect = [server.address()]
      const stop = new AbortController()
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        write(author, i, random.fork(), stop.signal),
      )
      const [whole, one] = await Promise.all([author.share(), author.share('a')])
      await using sparse = await cloneDatagram(whole, folder.join('sparse'), {
        connect,
        sparse: true,
      })
      await using single = await cloneDatagram(one, folder.join('one'), {
        connect,
        streams: ['mine'],
      })
      await using fed = await cloneOverDuplex(author, folder.join('fed'))
      const following = [
        follow(sparse, STREAMS, true, stop.signal),
        follow(single, ['mine'], false, stop.signal),
        follow(fed, STREAMS, false, stop.signal),
      ]
      await Promise.race([sleep(WRITE_MS), ...following, ...writers])
      stop.abort()
      for (const groups of await Promise.all(following)) expect(groups).toBeGreaterThan(0)
      for (const count of await Promise.all(writers)) expect(count).toBeGreaterThan(10)

      const expected = await contentsOf(author)
      await arrives(() => sparse.update({ sparse: true }).then(() => contentsOf(sparse)), expected)
      await arrives(() => fed.update().then(() => contentsOf(fed)), expected)
      const entries = expected['a']?.entries
      await arrives(() => single.update().then(() => entriesOf(single, 'mine')), entries)
      // What a clone has taken is here, not only within reach.
      await server.close()
      await author.close()
      expect(await contentsOf(fed)).toEqual(expected)
      expect(await entriesOf(single, 'mine')).toEqual(entries)
    })
  })

  it('of a datagram that is cloned by a clone of its clone: all of it arrives there', async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      await using first = await openDatagram(folder.join('first'))
      for (const name of STREAMS) await (await first.kv(name)).set('first', 'value')
      await using second = await cloneOf(first, folder.join('second'))
      await using third = await cloneOf(second, folder.join('third'))
      const stop = new AbortController()
      const writers = [0, 1, 2, 3].map((i) => write(first, i, random.fork(), stop.signal))
      await sleep(WRITE_MS / 3)
      stop.abort()
      await Promise.all(writers)
      const expected = await contentsOf(first)
      await arrives(() => second.update().then(() => contentsOf(second)), expected)
      await arrives(() => third.update().then(() => contentsOf(third)), expected)
    })
  })
})

/** What a peer has just written, or learned, takes a moment to be known to the next. */
async function arrives(read: () => Promise<unknown>, expected: unknown): Promise<void> {
  await expect.poll(read).toEqual(expected)
}

/** Clones over TCP; the author goes on listening until it is closed. */
async function cloneOf(author: Datagram, folder: string): Promise<Datagram> {
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  return cloneDatagram(await author.share(), folder, { connect: [server.address()] })
}
