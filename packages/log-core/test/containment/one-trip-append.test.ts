import crypto from 'hypercore-crypto'
import { type Random, seededRun, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it, vi } from 'vitest'
import { appendInOneTrip } from '../../src/hypercore/one-trip-append.ts'
import { type RawCore, RawCorestore, rawLog, type RawStore, rawStore } from './raw-hypercore.ts'

// An append of hypercore waits for its storage three times: it reads back the page of the bitfield that it
// has in memory, writes, and writes the hints again that were in that write.

const BITS_PER_PAGE = 32_768

type Append = (core: RawCore, blocks: readonly Uint8Array[]) => Promise<unknown>

const asItComes: Append = (core, blocks) => core.append(blocks)
const inOneTrip: Append = (core, blocks) =>
  appendInOneTrip(
    core as unknown as Parameters<typeof appendInOneTrip>[0],
    [...blocks],
    blocks.map((block) => crypto.data(block)),
  )

/** What the engine of a store has been asked. */
function trips(store: RawStore): { readonly reads: number; readonly writes: number } {
  const { readBatches, writeBatches } = store.storage.db._state.stats
  return { reads: readBatches, writes: writeBatches }
}

async function tripsOfAppends(append: Append, appends: number) {
  await using folder = await temporaryFolder()
  const store = await rawStore(folder.path)
  const core = await rawLog(store)
  await append(core, [Buffer.from('the first is signed with more than a head')])
  const before = trips(store)
  for (let i = 0; i < appends; i++) await append(core, [Buffer.from(`block ${i}`)])
  const after = trips(store)
  expect(core.contiguousLength).toBe(1 + appends)
  await store.close()
  return { reads: after.reads - before.reads, writes: after.writes - before.writes }
}

describe('append of hypercore 11.37.1', () => {
  it('reads a page back and writes the hints twice', async () => {
    expect(await tripsOfAppends(asItComes, 10)).toEqual({ reads: 10, writes: 20 })
  })

  it('is one write without them', async () => {
    expect(await tripsOfAppends(inOneTrip, 10)).toEqual({ reads: 0, writes: 10 })
  })
})

describe('an append in one trip', () => {
  it('leaves in the engine what hypercore leaves, byte for byte', async () => {
    await seededRun(async (random) => {
      const plan = planOf(random)
      const left = await run(plan, asItComes)
      expect(await run(plan, inOneTrip)).toEqual(left)
      expect(left.length).toBeGreaterThan(BITS_PER_PAGE)
    })
  })

  it('leaves other calls on the same core alone while it is under way', async () => {
    await using folder = await temporaryFolder()
    const core = await rawLog(await rawStore(folder.path))
    await inOneTrip(core, [Buffer.from('a'), Buffer.from('b')])
    const [, block] = await Promise.all([
      inOneTrip(core, [Buffer.from('c')]),
      core.get(0),
      core.clear(1),
      core.proof({ block: { index: 0, nodes: 0 } }),
    ])
    expect(block?.toString()).toBe('a')
    expect(await core.get(1, { wait: false })).toBeNull()
    expect((await core.get(2, { wait: false }))?.toString()).toBe('c')
    expect(core.contiguousLength).toBe(1)
  })
})

type Step =
  | { readonly append: readonly Uint8Array[] }
  | { readonly clear: readonly [start: number, end: number] }
  | 'reopen'

/** Appends, some over the end of a page, with clears and reopenings between them. */
function planOf(random: Random): Step[] {
  const plan: Step[] = []
  let length = 0
  const append = (count: number) => {
    plan.push({ append: Array.from({ length: count }, () => random.bytes(random.between(1, 50))) })
    length += count
  }
  for (let i = 0; i < 20; i++) append(random.between(1, 4))
  append(BITS_PER_PAGE - length - 2)
  for (let i = 0; i < 40; i++) {
    if (random.chance(0.6)) append(random.between(1, 4))
    else if (random.chance(0.1)) plan.push('reopen')
    else {
      const start = random.between(0, length)
      plan.push({ clear: [start, Math.min(length, start + random.between(1, 5))] })
    }
  }
  return plan
}

/** All that the engine of a store has after a plan was carried out. */
async function run(plan: readonly Step[], append: Append): Promise<string[]> {
  await using folder = await temporaryFolder()
  const open = async () => {
    const store = new RawCorestore(folder.path, {
      primaryKey: Buffer.alloc(32, 1),
      unsafe: true,
    })
    return { store, core: await rawLog(store, { keyPair: crypto.keyPair(Buffer.alloc(32, 2)) }) }
  }
  let { store, core } = await open()
  for (const step of plan) {
    if (step === 'reopen') {
      await store.close()
      ;({ store, core } = await open())
    } else if ('append' in step) await atOneTime(() => append(core, step.append))
    else await core.clear(...step.clear)
  }
  const entries: string[] = []
  for await (const { key, value } of store.storage.db.iterator()) {
    entries.push(`${hex(key)}: ${hex(value)}`)
  }
  await store.close()
  return entries
}

/** Hypercore writes down when it appended. */
async function atOneTime(work: () => Promise<unknown>): Promise<void> {
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000)
  await work().finally(() => now.mockRestore())
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
