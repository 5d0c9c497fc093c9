import type { OpenMap } from '../contender.ts'
import { expectValue } from '../expectations.ts'
import { type Effort, effortOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { keyOf, randomNumbers, valueOf } from '../workload.ts'

export interface RandomGetParameters {
  /** How many the fixture holds. */
  readonly keys: number
  readonly gets: number
}

/** One awaited get after another, of random keys; as many of other random keys were read before. */
export const randomGet: Task<RandomGetParameters> = async (subject, { keys, gets }) => {
  const map = await subject.contender.open(subject.fixture)
  await read(map, randomNumbers(gets, keys, 1))
  const { perSecond, cpuMicroseconds } = await read(map, randomNumbers(gets, keys, 2))
  await map.close()
  return { getsPerSecond: perSecond, cpuMicroseconds }
}

function read(map: OpenMap, numbers: Uint32Array): Promise<Effort> {
  const keys = Array.from(numbers, (index) => keyOf(index))
  const values = Array.from(numbers, (index) => valueOf(index))
  return effortOf(keys.length, async () => {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      expectValue(key, await map.get(key), values[i] as string)
    }
  })
}
