import { expectScanned } from '../expectations.ts'
import { type Effort, effortOf, median } from '../stopwatch.ts'
import type { Task } from '../task.ts'

export interface FullScanParameters {
  /** How many the fixture holds. */
  readonly keys: number
}

const PASSES = 3

/** Reads every entry in order by `for await`. `firstPerSecond`: the first time after opening. */
export const fullScan: Task<FullScanParameters> = async ({ contender, fixture }, { keys }) => {
  const map = await contender.open(fixture)
  const scan = () => effortOf(keys, async () => expectScanned(await map.scan(), keys))
  const first = await scan()
  const later: Effort[] = []
  for (let i = 0; i < PASSES; i++) later.push(await scan())
  await map.close()
  return {
    perSecond: median(later.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(later.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    firstPerSecond: first.perSecond,
  }
}
