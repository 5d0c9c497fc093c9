import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expectSample } from '../expectations.ts'
import { collectGarbage, perSecond } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { batchesOf, shuffled } from '../workload.ts'

export interface LargeLoadParameters {
  readonly keys: number
  readonly batch: number
  /** So many keys at the beginning, and at the end, are timed apart. */
  readonly part: number
  /** A load that takes longer is ended where it is. */
  readonly limitMs: number
}

const MILLION = 1e6
const DELAY_RESOLUTION_MS = 1

/**
 * A large load in pseudo-random order by batches, watched. `perSecond`: of the whole; `firstPerSecond` and
 * `lastPerSecond`: of its first and last part. `memoryBytes`: the process's peak above what it had before
 * the store was opened. `delayMs`, `delayMsMax`: of the event loop, 99.9th percentile and maximum.
 */
export const largeLoad: Task<LargeLoadParameters> = async (subject, parameters) => {
  const { keys, batch, part, limitMs } = parameters
  const order = shuffled(keys)
  collectGarbage()
  const idleBytes = process.memoryUsage.rss()
  const map = await subject.contender.open(subject.folder)
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delay.enable()
  const start = performance.now()
  const times = [0]
  let loaded = 0
  for (const entries of batchesOf(order, batch)) {
    const before = performance.now()
    await map.batch(entries)
    loaded += entries.length
    times.push((times.at(-1) as number) + performance.now() - before)
    if (performance.now() - start > limitMs) break
  }
  delay.disable()
  // Kibibytes, of the whole life of the process.
  const peakBytes = process.resourceUsage().maxRSS * 1024
  await expectSample(map, order.subarray(0, loaded))
  await map.close()
  const steps = part / batch
  const last = times.length - 1
  const between = (from: number, to: number) =>
    perSecond((to - from) * batch, (times[to] as number) - (times[from] as number))
  return {
    loaded,
    perSecond: between(0, last),
    firstPerSecond: between(0, Math.min(steps, last)),
    lastPerSecond: between(Math.max(0, last - steps), last),
    memoryBytes: peakBytes - idleBytes,
    delayMs: delay.percentile(99.9) / MILLION,
    delayMsMax: delay.max / MILLION,
  }
}
