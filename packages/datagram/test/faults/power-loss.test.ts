import {
  checkInvariants,
  dropUnsyncedTail,
  type Random,
  runChild,
  seededRun,
  soakFactor,
  type StoreFileKind,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type Datagram, isDatagramError, openDatagram } from '../../src/index.ts'
import type { WriterOptions } from './children/writer.ts'
import { expectSameAsClone } from './clone-of.ts'
import { entriesOf } from './contents.ts'
import type { Lane } from './lanes.ts'
import { WrittenLanes } from './written-lanes.ts'

const writer = new URL('./children/writer.ts', import.meta.url)
const ROUNDS = 6 * soakFactor()
const lanes: Lane[] = (
  ['set', 'batch', 'large', 'mixed', 'history', 'describe', 'create'] as const
).map((kind, i) => ({ id: kind, kind, stream: i % 2 === 0 ? 'alpha' : 'beta' }))

/** Writes, dies, and loses what was not synced; what is known of the lanes then. */
async function losePower(
  folder: string,
  random: Random,
  options: Partial<WriterOptions>,
): Promise<WrittenLanes> {
  const written = new WrittenLanes(lanes)
  const seed = random.next32()
  const { acknowledged, synced, signal, output } = await runChild(writer, {
    options: { folder, lanes: written.progress, seed, livesMs: 4000, ...options },
    killAt: { acknowledgements: random.pick([1, 10, 30, 60, 120, 250]) + random.between(0, 10) },
    recordSyncs: true,
  })
  expect(signal, output).toBe('SIGKILL')
  written.hear(acknowledged)
  // Nothing says which of two files reaches the disk first, nor how much of what was not synced does. When
  // the newest second is lost of both, which only durability disk prevents, nobody can know of it.
  const both = options.durability === 'disk' && random.chance()
  const kinds: StoreFileKind[] = both ? ['wal', 'marks'] : ['wal']
  const how = random.chance(0.4) ? 'zeros' : 'cut'
  await dropUnsyncedTail(folder, { synced, kinds, how, ...(random.chance() ? { random } : {}) })
  return written
}

describe('the loss of power', () => {
  it(`costs nothing acknowledged with durability disk, ${ROUNDS} times`, {
    timeout: 60_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      for (let round = 0; round < ROUNDS; round++) {
        await using folder = await temporaryFolder()
        const store = folder.join('store')
        const written = await losePower(store, random, { durability: 'disk' })
        await using datagram = await openDatagram(store, { durability: 'disk' })
        const invariants = [...written.invariants(datagram), ...written.scanInvariants(datagram)]
        await checkInvariants(invariants)
        await (await datagram.kv('alpha')).set('after', 'the loss')
        await (await datagram.kv('new')).set('after', 'the loss')
        if (round === 0) await expectSameAsClone(datagram, folder.join('copy'))
      }
    })
  })

  it(`is said when it cost something with durability process, and no log is extended then, ${ROUNDS} times`, {
    timeout: 60_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      for (let round = 0; round < ROUNDS; round++) {
        await using folder = await temporaryFolder()
        const store = folder.join('store')
        const written = await losePower(store, random, {})
        for (const opening of [1, 2]) await expectSaid(store, written, opening)
      }
    })
  })
})

/** Whatever is not there any more is said with a code: by the opening, by reading, or by the next write. */
async function expectSaid(store: string, written: WrittenLanes, attempt: number): Promise<void> {
  let datagram: Datagram
  try {
    datagram = await openDatagram(store)
  } catch (error) {
    expect(error).toSatisfy(isDatagramError)
    return
  }
  try {
    const isCreatedSaid = await isAnyCreatedRefused(datagram, `another history ${attempt}`)
    for (const stream of ['alpha', 'beta']) {
      if (await isRefused(datagram, stream, `another history ${attempt}`)) continue
      const invariants = written.invariants(datagram, stream)
      await checkInvariants(
        invariants.filter(({ name }) => !isCreatedSaid || name !== 'lane create'),
      )
    }
  } finally {
    await datagram.close()
  }
}

/** Whether one of the streams that were made while the others were written says that it lost something. */
async function isAnyCreatedRefused(datagram: Datagram, key: string): Promise<boolean> {
  const names: string[] = []
  for await (const { name } of datagram.streams()) names.push(name)
  const created = names.filter((name) => name !== 'alpha' && name !== 'beta')
  for (const name of created) if (await isRefused(datagram, name, key)) return true
  return false
}

/** Whether reading or writing a stream is refused with a code; then it has not grown either. */
async function isRefused(datagram: Datagram, stream: string, key: string): Promise<boolean> {
  const before = await lengthOf(datagram, stream)
  try {
    await entriesOf(datagram, stream)
    await (await datagram.kv(stream)).set(key, 'value')
    return false
  } catch (error) {
    expect(error).toSatisfy(isDatagramError)
    expect(await lengthOf(datagram, stream)).toBe(before)
    return true
  }
}

async function lengthOf(datagram: Datagram, stream: string): Promise<number> {
  try {
    for await (const { name, length } of datagram.streams()) if (name === stream) return length
  } catch (error) {
    expect(error).toSatisfy(isDatagramError)
  }
  return 0
}
