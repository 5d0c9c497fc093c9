import {
  type KillMoment,
  type Random,
  runChild,
  seededRun,
  temporaryFolder,
} from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import { expect, it } from 'vitest'
import { checkIndex, openIndex } from '../../src/index.ts'
import { checkRange } from '../model-world.ts'
import { SortedMap } from '../sorted-map.ts'
import { frameOperations, replay, SIZES } from './journal.ts'

const writer = new URL('./writer.ts', import.meta.url)
const STEPS = ['flush', 'compact', 'evict'].flatMap((step) => [
  `index.${step}.before`,
  `index.${step}.after`,
])

// Each step early and late, and some moments between them.
function moments(random: Random): KillMoment[] {
  return [
    ...STEPS.map((step) => ({ step, count: random.between(1, 3) })),
    { step: random.pick(STEPS), count: random.between(4, 12) },
    { step: random.pick(STEPS), count: random.between(4, 12) },
    ...Array.from({ length: 2 }, () => ({ afterMs: random.between(0, 80) })),
  ]
}

async function checkStore(folder: string, framesMin: number): Promise<number> {
  await using store = await openStore(folder)
  const data = await store.open('data')
  expect(data.length).toBeGreaterThanOrEqual(framesMin)
  await using index = await openIndex(await store.open('index'), SIZES)
  expect(index.covers).toBeLessThanOrEqual(data.length)
  await replay(data, index)
  const model = new SortedMap()
  for (let number = 0; number < data.length; number++) model.apply(frameOperations(number))
  await checkRange(index, model, {})
  expect(await checkIndex(index)).toEqual([])
  return data.length
}

it('kill -9 at each step of flushes, merges and drops loses nothing', async () => {
  await seededRun(async (random) => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/store`
    let frames = 0
    const steps = new Set<string | undefined>()
    for (const killAt of moments(random)) {
      const child = await runChild(writer, {
        options: { folder: path, frames: 400 },
        killAt,
        timeoutMs: 30_000,
      })
      const what = `${JSON.stringify(killAt)}: ${child.output}`
      steps.add(child.diedAtStep)
      expect(child.timedOut || (child.signal === null && child.exitCode !== 0), what).toBe(false)
      const last = child.acknowledged.at(-1) as number | undefined
      frames = await checkStore(path, Math.max(frames, (last ?? -1) + 1))
    }
    expect(frames).toBeGreaterThan(50)
    for (const step of STEPS) expect(steps).toContain(step)
  })
}, 120_000)
