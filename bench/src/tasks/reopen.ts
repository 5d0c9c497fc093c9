import { expectValue } from '../expectations.ts'
import { median, millisecondsOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { keyOf, valueOf } from '../workload.ts'

export interface ReopenParameters {
  /** How many the fixture holds. */
  readonly keys: number
  /** How often it is opened; the median counts. A store whose process was killed is opened once. */
  readonly times: number
}

/**
 * From the call that opens a store to the first value. `openMs`: the median; `firstMs`: the first time, when
 * the code has not run before.
 */
export const reopen: Task<ReopenParameters> = async ({ contender, fixture }, { keys, times }) => {
  const milliseconds: number[] = []
  for (let i = 0; i < times; i++) {
    const index = Math.floor((keys * (i + 0.5)) / times)
    let close = async () => undefined as void
    milliseconds.push(
      await millisecondsOf(async () => {
        const map = await contender.open(fixture)
        close = () => map.close()
        expectValue(keyOf(index), await map.get(keyOf(index)), valueOf(index))
      }),
    )
    await close()
  }
  return { openMs: median(milliseconds), firstMs: milliseconds[0] as number }
}
