import {
  checkInvariants,
  type KillMoment,
  type Random,
  runChild,
  seededRun,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { WriterOptions } from './children/writer.ts'
import { type Acknowledged, withWrittenLog, writtenLogInvariants } from './written-log.ts'

const writer = new URL('./children/writer.ts', import.meta.url)
const KILLS = 50
const STEPS = ['log.append.before', 'log.append.after', 'log.mark.after']
const STEPS_OF_DISK = ['store.sync.before', 'store.sync.after']

function randomMoment(random: Random, { durability }: WriterOptions): KillMoment {
  const kind = random.between(0, 10)
  if (kind < 4) return { afterMs: random.between(0, 60) }
  const steps = durability === 'disk' ? [...STEPS, ...STEPS_OF_DISK] : STEPS
  if (kind < 8) return { step: random.pick(steps), count: random.between(1, 30) }
  if (kind < 9) return { acknowledgements: random.between(1, 50) }
  // While it starts, opens the store and the engine recovers, or shortly after.
  return { afterStartMs: random.between(120, 400) }
}

function randomWriter(random: Random, folder: string): WriterOptions {
  const large = random.chance(0.2)
  return {
    folder,
    durability: random.chance(0.5) ? 'disk' : 'process',
    blocksMax: large ? 2 : random.between(1, 6),
    // Large blocks fill the engine's buffer: its files change while the process dies.
    bytesMax: large ? 300_000 : 2000,
    parallel: large ? 2 : random.pick([1, 4, 16]),
    seed: random.next32(),
  }
}

describe(`kill -9, ${KILLS} times in a write loop`, () => {
  it('loses nothing that was acknowledged, and leaves no half batch', {
    timeout: 120_000,
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const all: Acknowledged[] = []
      for (let round = 1; round <= KILLS; round++) {
        const options = randomWriter(random, folder.path)
        const killAt = randomMoment(random, options)
        const { acknowledged, signal, timedOut, output } = await runChild(writer, {
          options,
          killAt,
          timeoutMs: 20_000,
        })
        const what = `round ${round}, ${JSON.stringify(killAt)}: ${output}`
        expect({ signal, timedOut }, what).toEqual({ signal: 'SIGKILL', timedOut: false })
        const fresh = acknowledged as Acknowledged[]
        all.push(...fresh)
        await withWrittenLog(folder.path, async (log) => {
          const invariants = writtenLogInvariants(log, round === KILLS ? all : fresh)
          // The whole log is read now and then; what is new, every time.
          await checkInvariants(round % 10 === 0 ? invariants : invariants.slice(0, 2)).catch(
            (cause: unknown) => {
              throw new Error(`${what}\n${String(cause)}`, { cause })
            },
          )
        })
      }
      expect(all.length).toBeGreaterThan(KILLS)
    })
  })
})
