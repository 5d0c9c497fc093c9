import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeliveryShuffle,
  type FaultyLink,
  type FaultyLinkOptions,
  faultyLink,
  findBytes,
  type Random,
  seededRun,
  tapPlain,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Log, openStore, type ReadableLog, type Store } from '../../src/index.ts'
import { noiseMuxers } from '../containment/raw-hypercore.ts'

async function ownStore(): Promise<Store> {
  const folder = await temporaryFolder()
  const store = await openStore(folder.path)
  onTestFinished(async () => {
    await store.close()
    await folder[Symbol.asyncDispose]()
  })
  return store
}

/** A log with blocks of many sizes, and an empty replica of it. */
async function logAndReplica(random: Random, blocks: number, bytesMax: number) {
  const log = await (await ownStore()).open('log')
  const payloads = Array.from({ length: blocks }, () => random.bytes(random.between(1, bytesMax)))
  await log.append(payloads.map((payload) => ({ payload })))
  const keys = { cipherKey: undefined }
  const replica = await (await ownStore()).openRemote(log.key, keys)
  return { log, replica, payloads }
}

function connect(log: Log, replica: ReadableLog, options: FaultyLinkOptions): FaultyLink {
  const link = faultyLink(options)
  const muxers = noiseMuxers(link)
  log.attach(muxers.left)
  replica.attach(muxers.right)
  return link
}

/** The replica's sealed blocks are those of the log. */
async function expectSame(log: Log, replica: ReadableLog): Promise<void> {
  expect(replica.length).toBe(log.length)
  for (let i = 0; i < log.length; i++) expect(await replica.has(i), `block ${i}`).toBe(true)
}

describe('replication over a bad link', () => {
  it('comes to its end though the connection is cut at random 20 times', async () => {
    await seededRun(async (random) => {
      const { log, replica } = await logAndReplica(random, 900, 4000)
      let cuts = 0
      for (let done = false; !done; ) {
        const options: FaultyLinkOptions = {
          seed: random.next32(),
          jitterMs: 2,
          pieceBytesMax: 3000,
          ...(cuts < 20 ? { cutAtRandom: { from: 100, to: 60_000 } } : {}),
        }
        const link = connect(log, replica, options)
        const downloading = downloadAll(log, replica).then(
          () => true,
          () => false,
        )
        while (!link.isCut && !(done = await Promise.race([downloading, sleep(5, false)]))) {
          // Until it is cut or complete.
        }
        if (link.isCut) cuts++
        link.a.destroy()
      }
      expect(cuts).toBe(20)
      await expectSame(log, replica)
    })
  })

  it('asks for many blocks in few round trips', async () => {
    await seededRun(async (random) => {
      const { log, replica } = await logAndReplica(random, 400, 200)
      const link = connect(log, replica, { delayMs: 15 })
      while (replica.length < log.length) await replica.update().then(() => sleep(1))
      link.traffic.reset()
      await replica.download()
      expect(link.traffic.roundTrips).toBeLessThanOrEqual(4)
      link.a.destroy()
    })
  })

  it('does not mind in which order several logs arrive', async () => {
    await seededRun(async (random) => {
      const reorder = new DeliveryShuffle(random)
      const pairs = await Promise.all([1, 2, 3].map(() => logAndReplica(random, 40, 2000)))
      for (const { log, replica } of pairs) connect(log, replica, { reorder, pieceBytesMax: 500 })
      await Promise.all(pairs.map(({ log, replica }) => downloadAll(log, replica)))
      for (const { log, replica } of pairs) await expectSame(log, replica)
    })
  })

  it('shows nothing of a sealed log on the plain side of the connection, and all of a plain one', async () => {
    const canary = 'canary-8sJq0Zk2Lw4x'
    for (const cipherKey of [undefined, null]) {
      const store = await ownStore()
      const log = await store.open(canary, { cipherKey })
      await log.append(Buffer.from(canary))
      const replica = await (await ownStore()).openRemote(log.key, { cipherKey })
      const muxers = noiseMuxers(faultyLink())
      const tap = tapPlain(muxers.left.stream as never)
      log.attach(muxers.left)
      replica.attach(muxers.right)
      await downloadAll(log, replica)
      expect(await replica.has(0)).toBe(true)
      const found = await findBytes(canary, { buffers: tap.messages() })
      expect(found.length > 0).toBe(cipherKey === null)
      expect(tap.bytesSent).toBeGreaterThan(canary.length)
    }
  })
})

async function downloadAll(log: Log, replica: ReadableLog): Promise<void> {
  while (replica.length < log.length) await replica.update().then(() => sleep(1))
  await replica.download({ timeoutMs: 5000 })
}
