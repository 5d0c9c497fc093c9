import path from 'node:path'
import { expectSample } from '../expectations.ts'
import { effortOf, millisecondsOf } from '../stopwatch.ts'
import type { Subject, Task } from '../task.ts'
import { batchesOf, shuffled } from '../workload.ts'

export interface LoadParameters {
  readonly keys: number
  readonly batch: number
}

const WARM_UP_KEYS = 10_000

/**
 * Loads keys in pseudo-random order, one awaited batch after another. The code runs warm: another store
 * was loaded by it before. `closeMs`: what closing takes then, which writes what is still in memory.
 */
export const load: Task<LoadParameters> = async (subject, { keys, batch }) => {
  await warmUp(subject, batch)
  const order = shuffled(keys)
  const batches = [...batchesOf(order, batch)]
  const map = await subject.contender.open(path.join(subject.folder, 'measured'))
  const effort = await effortOf(keys, async () => {
    for (const entries of batches) await map.batch(entries)
  })
  await expectSample(map, order)
  const closeMs = await millisecondsOf(() => map.close())
  return { ...effort, closeMs }
}

async function warmUp({ contender, folder }: Subject, batch: number): Promise<void> {
  const map = await contender.open(path.join(folder, 'warm-up'))
  for (const entries of batchesOf(shuffled(WARM_UP_KEYS, 2), batch)) await map.batch(entries)
  await map.close()
}
