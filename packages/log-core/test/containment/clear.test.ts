import { faultyLink, type Random, seededRun, temporaryFolder } from '@datagram/fault-harness'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Log, openStore } from '../../src/index.ts'
import { noiseMuxers, outcome, type RawCore, rawLog, rawStore } from './raw-hypercore.ts'

// DESIGN §5: `clear()` deletes Merkle nodes that live neighbours need: survivors can no longer be
// served, and each attempt destroys the whole connection.

const BLOCKS = 64

async function folder(): Promise<string> {
  const temporary = await temporaryFolder()
  onTestFinished(() => temporary[Symbol.asyncDispose]())
  return temporary.path
}

describe('clear of hypercore 11.37.1', () => {
  it('takes nodes that a neighbour’s proof needs, and the connection dies of the request', async () => {
    const author = await rawLog(await rawStore(await folder()))
    await author.append(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))
    const proof = (index: number) => author.proof({ block: { index, nodes: 6 } })
    expect((await proof(40)).block?.value).toBeDefined()
    // No proof of block 0 before: the nodes would come out of a cache although they are deleted.
    await author.clear(1)
    await expect(proof(0)).rejects.toMatchObject({ code: 'INVALID_OPERATION' })

    const replica = await rawLog(await rawStore(await folder()), { key: author.key })
    const muxers = noiseMuxers(faultyLink())
    author.replicate(muxers.left)
    replica.replicate(muxers.right)
    await replica.update({ wait: true })
    const got = await outcome(replica.get(0, { timeout: 1000 }), 3000)
    expect(got).toMatchObject({ error: { code: 'REQUEST_TIMEOUT' } })
    expect(muxers.isDestroyed()).toBe(true)
  })

  it('leaves survivors without proof after random clears', async () => {
    await seededRun(async (random) => {
      const core = await rawLog(await rawStore(await folder()))
      await core.append(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))
      const cleared = await clearAtRandom(random, BLOCKS, (start, end) => core.clear(start, end))
      expect(await survivorsWithoutProof(core, cleared)).toBeGreaterThan(0)
    })
  })
})

describe('evict of log-core', () => {
  it('keeps every survivor fetchable, from the author and from a replica, on one connection each', async () => {
    for (let round = 0; round < 4; round++) await seededRun((random) => evictAndFetch(random))
  })
})

async function evictAndFetch(random: Random): Promise<void> {
  const length = random.between(1, 200)
  const options = { cipherKey: random.bytes(32) }
  const authorFolder = await folder()
  let authorStore = await openStore(authorFolder)
  const author = await authorStore.open('log', options)
  // Blob-sized blocks among them, which live elsewhere on the disk.
  const payloads = Array.from({ length }, () => random.bytes(random.chance(0.1) ? 5000 : 50))
  while (author.length < length) {
    const next = payloads.slice(author.length, author.length + random.between(1, 20))
    await author.append(next.map((payload) => ({ payload })))
  }
  const evicted = await clearAtRandom(random, length, (start, end) => author.evict({ start, end }))
  if (random.chance()) await authorStore.compact()
  if (random.chance()) {
    await authorStore.close()
    authorStore = await openStore(authorFolder)
  }
  const survivors = random.shuffled(
    payloads
      .map((payload, index) => ({ payload, index }))
      .filter(({ index }) => !evicted.has(index)),
  )
  const reopened = await authorStore.open('log', options)
  for (const { index, payload } of survivors) expect(await reopened.get(index)).toEqual(payload)

  // The replica evicts too, and a third peer fetches what is left from it alone.
  const replicaStore = await openStore(await folder())
  const replica = await replicaStore.openRemote(author.key, options)
  await fetchFrom(reopened, replica, survivors)
  const dropped = new Set(survivors.filter(() => random.chance(0.3)).map(({ index }) => index))
  for (const index of dropped) await replica.evict({ start: index, end: index + 1 })
  const thirdStore = await openStore(await folder())
  const third = await thirdStore.openRemote(author.key, options)
  await fetchFrom(
    replica,
    third,
    survivors.filter(({ index }) => !dropped.has(index)),
  )
  for (const store of [thirdStore, replicaStore, authorStore]) await store.close()
}

async function fetchFrom(
  from: Log,
  to: Log,
  blocks: readonly { readonly index: number; readonly payload: Uint8Array }[],
): Promise<void> {
  const muxers = noiseMuxers(faultyLink())
  await muxers.opened
  const attachments = [from.attach(muxers.left), to.attach(muxers.right)]
  // The channel opens a moment after it was attached.
  for (; to.length < from.length; await sleep(1)) await to.update()
  for (const { index, payload } of blocks) {
    expect(await to.get(index, { timeoutMs: 5000 }), `block ${index}`).toEqual(payload)
  }
  expect(muxers.isDestroyed()).toBe(false)
  for (const attachment of attachments) await attachment.detach()
}

/** Clears single blocks and ranges, some of them twice; returns which blocks are gone. */
async function clearAtRandom(
  random: Random,
  length: number,
  clear: (start: number, end: number) => Promise<unknown>,
): Promise<Set<number>> {
  const gone = new Set<number>()
  for (let i = random.between(5, 15); i > 0; i--) {
    const start = random.between(0, length)
    const end = Math.min(length, start + (random.chance() ? 1 : random.between(1, 20)))
    await clear(start, end)
    for (let index = start; index < end; index++) gone.add(index)
  }
  return gone
}

async function survivorsWithoutProof(core: RawCore, cleared: ReadonlySet<number>): Promise<number> {
  let without = 0
  for (let index = 0; index < core.length; index++) {
    if (cleared.has(index)) continue
    // As a peer asks that has the roots only.
    await core.proof({ block: { index, nodes: 6 } }).catch(() => without++)
  }
  return without
}
