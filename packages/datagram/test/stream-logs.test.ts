import path from 'node:path'
import { openLink } from '@datagram/container'
import { type Log, openStore } from '@datagram/log-core'
import { ownLogs, readHeader, streamKeys } from '@datagram/stream'
import { expect, it, onTestFinished } from 'vitest'
import { defineInterface, openDatagram, parseLink } from '../src/index.ts'
import { StockHypercore } from './stock-hypercore.ts'
import { sharedDatagram, temporaryClone, temporaryFolder } from './temporary-datagram.ts'

const words = defineInterface({
  name: 'words',
  contract: 1,
  version: 1,
  open: (stream) => ({
    add: (text: string) => stream.write((tx) => tx.append(text).n),
    at: async (n: number) => {
      const object = await stream.at(n)
      return object && new TextDecoder().decode(await object.read())
    },
  }),
})

/** The two logs of a stream, by nothing but its link, from the folder that holds them. */
async function logsOfLink(folder: string, link: string): Promise<{ index: Log; data: Log }> {
  const { key, streamKey } = await openLink(link)
  const cipher = streamKeys(streamKey)
  const store = await openStore(folder)
  onTestFinished(() => store.close())
  const index = await store.openRemote(key, { cipherKey: cipher.indexKey })
  const { dataKey } = ownLogs(await readHeader(index))
  return { index, data: await store.openRemote(dataKey, { cipherKey: cipher.dataKey }) }
}

/** A folder with one stream of 300 keys, closed, and the link of that stream. */
async function closedStream(): Promise<{ folder: string; link: string }> {
  const folder = await temporaryFolder()
  await using datagram = await openDatagram(folder)
  const settings = await datagram.kv('settings')
  for (let i = 0; i < 300; i++) await settings.set(`key ${i}`, `canary-${i}`.repeat(i))
  return { folder, link: await datagram.share('settings') }
}

it('hello, distributed, world are objects 0, 1 and 2, here and on a clone', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const own = await datagram.open('words', words)
  expect(await own.add('hello')).toBe(0)
  expect(await Promise.all([own.add('distributed'), own.add('world')])).toEqual([1, 2])
  const copy = await temporaryClone(link, { connect: [address] })
  for (const api of [own, await copy.open('words', words)]) {
    expect(await Promise.all([0, 1, 2, 3].map((n) => api.at(n)))).toEqual([
      'hello',
      'distributed',
      'world',
      undefined,
    ])
  }
})

it('a link carries the indexer’s key, and from either log alone the other is found', async () => {
  const { folder, link } = await closedStream()
  const { index, data } = await logsOfLink(folder, link)
  expect(Buffer.compare(parseLink(link).key, index.key)).toBe(0)
  const fromIndex = await readHeader(index)
  const fromData = await readHeader(data)
  expect([fromIndex.role, fromData.role]).toEqual(['index', 'data'])
  expect(Buffer.compare(ownLogs(fromIndex).dataKey, data.key)).toBe(0)
  expect(Buffer.compare(ownLogs(fromData).indexKey, index.key)).toBe(0)
})

it('a link to one stream opens that stream elsewhere, and goes on where it was', async () => {
  const { datagram, address } = await sharedDatagram()
  const settings = await datagram.kv('settings')
  await settings.set('a', '1')
  await (await datagram.kv('other')).set('a', 'secret')
  const link = await datagram.share('settings')
  const folder = path.join(await temporaryFolder(), 'copy')
  const options = { connect: [address], streams: ['from a friend'] }
  const copy = await temporaryClone(link, options)
  expect(await (await copy.kv('from a friend')).get('a')).toBe('1')
  expect(copy.stats().streams).toBe(2)

  const mine = await openDatagram(folder)
  onTestFinished(() => mine.close())
  await (await mine.kv('mine')).set('b', '2')
  await mine.attach(link, { name: 'theirs', connect: [address] })
  await expect(
    mine.attach(await datagram.share('other'), { name: 'theirs' }),
  ).rejects.toMatchObject({ code: 'STREAM_NAME_TAKEN' })
  const theirs = await mine.kv('theirs')
  expect(await theirs.get('a')).toBe('1')
  await expect(theirs.set('a', '2')).rejects.toMatchObject({ code: 'STREAM_NOT_WRITABLE' })
  await settings.set('a', '3')
  await mine.update()
  expect(await theirs.get('a')).toBe('3')
})

it('a stock hypercore replicates the logs of a stream, and their blocks verify', async () => {
  const { folder, link } = await closedStream()
  const { index, data } = await logsOfLink(folder, link)
  for (const log of [index, data]) {
    const stock = new StockHypercore(path.join(await temporaryFolder(), 'stock'), log.key)
    onTestFinished(() => stock.close())
    await stock.ready()
    const ours = StockHypercore.createProtocolStream(true)
    const theirs = stock.replicate(false)
    ours.pipe(theirs).pipe(ours)
    onTestFinished(() => {
      ours.destroy()
      theirs.destroy()
    })
    log.attach(StockHypercore.getProtocolMuxer(ours))
    while (stock.length < log.length) {
      await stock.update({ wait: true })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (let i = 0; i < stock.length; i++) {
      // Hypercore checks each block against the signed Merkle tree before it resolves.
      if (!(await log.has(i))) continue
      expect(Buffer.from(await stock.get(i)).includes('canary')).toBe(false)
    }
  }
})
