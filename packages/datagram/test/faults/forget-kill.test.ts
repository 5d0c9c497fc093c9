import { Random, runChild, soakFactor, temporaryFolder } from '@datagram/fault-harness'
import { findStored } from '../stored-blocks.ts'
import { expect, it } from 'vitest'
import { openDatagram } from '../../src/index.ts'
import { fillForgetting, forgetMuch, SECRET, staying } from './forgetting-work.ts'

const script = new URL('./children/forget.ts', import.meta.url)
const KILLS = 5

/** Every step boundary of the work, as the n-th time that a step is reached. */
function boundariesOf(steps: readonly string[]) {
  const counts = new Map<string, number>()
  return steps.map((step) => {
    const count = (counts.get(step) ?? 0) + 1
    counts.set(step, count)
    return { step, count }
  })
}

async function filled(folder: string): Promise<{ before: string; links: string[] }> {
  await using datagram = await openDatagram(folder)
  await fillForgetting(datagram)
  const links = await Promise.all(['map', 'objects'].map((name) => datagram.share(name)))
  return { before: await staying(datagram), links }
}

it('forgetting, moving and compacting that is killed between any two steps is finished by the next open', {
  timeout: 300_000 * soakFactor(),
}, async () => {
  const random = new Random(Date.now())
  await using whole = await temporaryFolder()
  await filled(whole.path)
  const options = { folder: whole.path, tellsSteps: true }
  const told = await runChild(script, { options, timeoutMs: 120_000 })
  expect(told.exitCode, told.output).toBe(0)
  const boundaries = boundariesOf(told.acknowledged as string[])
  expect(boundaries.length).toBeGreaterThan(20)
  // All of them in a soak; else some, others each time.
  const isSoak = soakFactor() > 1
  const kills = isSoak ? boundaries : random.shuffled(boundaries).slice(0, KILLS)
  for (const killAt of kills) {
    await using folder = await temporaryFolder()
    const { before, links } = await filled(folder.path)
    const killed = await runChild(script, {
      options: { folder: folder.path, tellsSteps: false },
      killAt,
      timeoutMs: 120_000,
    })
    const when = `seed ${random.seed}, killed at ${killAt.step} ${killAt.count}`
    // A step in the background may come once less.
    if (killed.signal !== 'SIGKILL') expect(killed.exitCode, `${when}: ${killed.output}`).toBe(0)
    {
      await using datagram = await openDatagram(folder.path)
      expect(await staying(datagram), when).toBe(before)
      await forgetMuch(datagram)
      expect(await staying(datagram), when).toBe(before)
      expect((await datagram.verify()).problems, when).toEqual([])
    }
    expect(await findStored(folder.path, links, [SECRET]), when).toEqual([])
  }
})
