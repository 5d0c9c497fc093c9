import path from 'node:path'
import type { OpenMap } from '../contender.ts'
import { expectSample } from '../expectations.ts'
import { type Effort, effortOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { entryOf, shuffled } from '../workload.ts'

export interface PutsParameters {
  readonly puts: number
  /** Puts that are under way at the same time. 1: each is awaited before the next. */
  readonly inFlight: number
}

/** Puts keys in pseudo-random order into an empty store, after as many as a tenth of them into another. */
export const puts: Task<PutsParameters> = async ({ contender, folder }, { puts, inFlight }) => {
  const warm = await contender.open(path.join(folder, 'warm-up'))
  await put(warm, shuffled(Math.ceil(puts / 10), 2), inFlight)
  await warm.close()
  const order = shuffled(puts)
  const map = await contender.open(path.join(folder, 'measured'))
  const effort = await put(map, order, inFlight)
  await expectSample(map, order)
  await map.close()
  return { ...effort }
}

function put(map: OpenMap, order: Uint32Array, inFlight: number): Promise<Effort> {
  const entries = Array.from(order, (index) => entryOf(index))
  let next = 0
  const writer = async () => {
    for (let entry = entries[next++]; entry !== undefined; entry = entries[next++]) {
      await map.put(entry[0], entry[1])
    }
  }
  return effortOf(entries.length, () => Promise.all(Array.from({ length: inFlight }, writer)))
}
