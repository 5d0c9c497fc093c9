import path from 'node:path'
import { Random, soakFactor } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import type { FetchProgress } from '@datagram/container'
import { cloneDatagram, openDatagram } from '../../src/index.ts'
import { collect, temporaryFolder } from '../temporary-datagram.ts'

const isSoak = soakFactor() > 1
const KEYS = isSoak ? 10_000 : 1000
const TIMES = isSoak ? 100 : 20
const AT_ONCE = 100
const VALUE_BYTES = 100
// What the engine keeps of each block that ever was: its leaf, and its share of the nodes above.
const BYTES_A_BLOCK = 150

/** What the files of a datagram take that has nothing in it but the stream. */
async function emptyBytes(folder: string): Promise<number> {
  await using datagram = await openDatagram(folder)
  await datagram.kv('map', { retain: 'latest' })
  await datagram.compact()
  return (await datagram.usage()).diskBytes
}

it(`${KEYS} keys that are overwritten ${TIMES} times leave what is live, on the disk and on the wire`, {
  timeout: 300_000 * soakFactor(),
}, async () => {
  const home = await temporaryFolder()
  const random = new Random(Date.now())
  const fixed = await emptyBytes(path.join(home, 'empty'))
  await using datagram = await openDatagram(path.join(home, 'mine'))
  const map = await datagram.kv('map', { retain: 'latest', valueEncoding: 'binary' })
  const keys = Array.from({ length: KEYS }, (_, i) => `key ${i}`)
  const newest = new Map<string, Uint8Array>()
  for (let time = 0; time < TIMES; time++) {
    const order = random.shuffled(keys)
    for (let at = 0; at < KEYS; at += AT_ONCE) {
      const batch = order.slice(at, at + AT_ONCE).map((key) => {
        const value = random.bytes(VALUE_BYTES)
        newest.set(key, value)
        return { type: 'set' as const, key, value }
      })
      await map.batch(batch)
    }
  }
  await datagram.compact()
  const live = keys.reduce((sum, key) => sum + key.length + VALUE_BYTES, 0)
  const { diskBytes, streams } = await datagram.usage()
  const [info] = await collect(datagram.streams())
  const blocks = (info?.length ?? 0) + (info?.indexLength ?? 0)
  const most = 3 * live + BYTES_A_BLOCK * blocks + fixed
  const figures = JSON.stringify({ live, diskBytes, most, blocks, fixed, streams })
  expect(diskBytes, figures).toBeLessThanOrEqual(most)

  const address = (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()
  let last: FetchProgress | undefined
  await using copy = await cloneDatagram(await datagram.share(), path.join(home, 'copy'), {
    connect: [address],
    onProgress: (progress) => (last = progress),
  })
  const received = last?.bytesReceived ?? Number.POSITIVE_INFINITY
  expect(received, figures).toBeLessThanOrEqual(1.3 * live)
  const theirs = await copy.kv('map', { valueEncoding: 'binary' })
  let count = 0
  for await (const [key, value] of theirs.entries()) {
    expect(newest.get(key)).toEqual(value)
    count++
  }
  expect(count).toBe(KEYS)
})
