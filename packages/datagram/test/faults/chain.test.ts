import { type TemporaryFolder, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { cloneDatagram, type Datagram, openDatagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'

const LONG_MS = 30_000

async function cloneOf(from: Datagram, folder: string): Promise<Datagram> {
  const server = await from.listen({ host: '127.0.0.1', port: 0 })
  return cloneDatagram(await from.share(), folder, { connect: [server.address()] })
}

/** An author, its clone, and the clone's clone. */
async function chainIn(folder: TemporaryFolder) {
  const first = await openDatagram(folder.join('first'))
  const kv = await first.kv('notes')
  await kv.set('a', '1')
  const second = await cloneOf(first, folder.join('second'))
  const third = await cloneOf(second, folder.join('third'))
  return { first, kv, second, third }
}

/** Until the third has heard of a log's length that the second has not fetched. */
async function untilHeardOf(third: Datagram, length: number): Promise<void> {
  const heard = async () => {
    for await (const { name, length } of third.streams()) if (name === 'notes') return length
    return 0
  }
  await expect.poll(heard, { timeout: LONG_MS, interval: 10 }).toBe(length)
}

async function lengthOf(datagram: Datagram): Promise<number> {
  for await (const { name, length } of datagram.streams()) if (name === 'notes') return length
  return 0
}

describe('the clone of a clone', () => {
  it('is at the newest state that the clone has, though both know that there is a newer one', async () => {
    await using folder = await temporaryFolder()
    const { first, kv, second, third } = await chainIn(folder)
    await using _first = first
    await using _second = second
    await using _third = third
    await kv.set('a', '2')
    await second.update()
    const expected = await contentsOf(second)
    // A value that makes the author write a head of the index, which the second does not fetch.
    await kv.set('large', 'x'.repeat(100_000))
    await untilHeardOf(third, await lengthOf(first))
    await third.update()
    expect(await contentsOf(third)).toEqual(expected)
    await using fourth = await cloneOf(second, folder.join('fourth'))
    expect(await contentsOf(fourth)).toEqual(expected)

    await second.update()
    const newest = await contentsOf(first)
    expect(await contentsOf(second)).toEqual(newest)
    const followed = () => third.update().then(() => contentsOf(third))
    await expect.poll(followed, { timeout: LONG_MS }).toEqual(newest)
  })
})
