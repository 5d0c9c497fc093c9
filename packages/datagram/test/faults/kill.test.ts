import path from 'node:path'
import {
  checkInvariants,
  type KillMoment,
  type Random,
  runChild,
  seededRun,
  soakFactor,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openDatagram } from '../../src/index.ts'
import type { WriterOptions } from './children/writer.ts'
import { expectSameAsClone } from './clone-of.ts'
import type { Lane, LaneKind } from './lanes.ts'
import { WrittenLanes } from './written-lanes.ts'

const writer = new URL('./children/writer.ts', import.meta.url)
const KILLS_A_STORE = 18 * soakFactor()
// Steps of every write: one of the first sixty times is the last.
const OF_WRITES = [
  'stream.append.before',
  'stream.append.after',
  'stream.apply.after',
  'log.append.before',
  'log.append.after',
  'log.mark.after',
]
// Steps that come with large values, with each group commit, and when the store is compacted.
const OF_INDEX = [
  'index.flush.before',
  'index.flush.after',
  'index.compact.before',
  'index.compact.after',
]
const OF_DISK = ['store.sync.before', 'store.sync.after']
const OF_COMPACT = ['store.compact.before', 'store.compact.after']

interface Ground {
  readonly name: string
  readonly kinds: readonly LaneKind[]
  readonly options: Partial<WriterOptions>
  /** Further steps that it reaches. */
  readonly steps: readonly string[]
}

const grounds: Ground[] = [
  {
    name: 'every kind of write',
    kinds: ['set', 'batch', 'large', 'mixed', 'history', 'describe', 'create'],
    options: { compacts: true },
    steps: [...OF_INDEX, ...OF_COMPACT],
  },
  {
    name: 'small writes and new streams, durability disk',
    kinds: ['set', 'set', 'batch', 'history', 'create'],
    options: { durability: 'disk' },
    steps: OF_DISK,
  },
  {
    name: 'large values, under a password',
    kinds: ['large', 'large', 'mixed', 'history'],
    options: { password: 'correct horse' },
    steps: OF_INDEX,
  },
]

function randomMoment(random: Random, { steps }: Ground): KillMoment {
  const kind = random.between(0, 10)
  if (kind < 3) return { afterMs: random.between(0, 250) }
  if (kind < 6) return { step: random.pick(OF_WRITES), count: random.between(1, 60) }
  if (kind < 8) return { step: random.pick(steps), count: random.between(1, 5) }
  if (kind < 9) return { acknowledgements: random.between(1, 200) }
  // While it loads and opens, and the engine recovers.
  return { afterStartMs: random.between(150, 600) }
}

/** Lanes of the kinds over three streams. */
function lanesOf(kinds: readonly LaneKind[]): Lane[] {
  const streams = ['alpha', 'beta', 'gamma'] as const
  return kinds.flatMap((kind, i) => {
    const ids = kind === 'describe' || kind === 'create' ? [0] : [0, 1]
    return ids.map(
      (id): Lane => ({
        id: `${kind}-${i}-${id}`,
        kind,
        stream: streams[(i + id) % streams.length] as string,
      }),
    )
  })
}

describe.concurrent.each(grounds)('a process that is killed during $name', (ground) => {
  it(`${KILLS_A_STORE} times leaves every acknowledged write, no half batch, and a store to clone`, {
    timeout: 120_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const store = path.join(folder.path, 'store')
      const { password } = ground.options
      const written = new WrittenLanes(lanesOf(ground.kinds))
      for (let round = 1; round <= KILLS_A_STORE; round++) {
        const how = await killOnce(store, written, random, ground)
        await using datagram = await openDatagram(store, { password })
        const all = round % 6 === 0 ? written.scanInvariants(datagram) : []
        await checkInvariants([...written.invariants(datagram), ...all]).catch((cause: unknown) => {
          throw new Error(`round ${round}, ${how}\n${String(cause)}`, { cause })
        })
      }
      expect(written.steps).toBeGreaterThan(KILLS_A_STORE)
      await using datagram = await openDatagram(store, { password })
      await expectSameAsClone(datagram, path.join(folder.path, 'clone'))
    })
  })
})

/** Lets a writer go on until it is killed, and hears what it has done; how it was killed, for messages. */
async function killOnce(
  folder: string,
  written: WrittenLanes,
  random: Random,
  ground: Ground,
): Promise<string> {
  const killAt = randomMoment(random, ground)
  const options: WriterOptions = {
    folder,
    ...ground.options,
    lanes: written.progress,
    seed: random.next32(),
    livesMs: 1200,
  }
  const { acknowledged, signal, timedOut, output } = await runChild(writer, { options, killAt })
  const how = `killed ${JSON.stringify(killAt)}: ${output}`
  expect({ signal, timedOut }, how).toEqual({ signal: 'SIGKILL', timedOut: false })
  written.hear(acknowledged)
  return how
}
