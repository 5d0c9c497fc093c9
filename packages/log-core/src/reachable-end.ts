import type { ReadableLog } from './log.ts'
import type { WaitOptions } from './waits.ts'

/**
 * Up to where a log can be read from `start` on: the first block that is neither here nor with a connected
 * peer, or the log's length. A peer that is a replica itself may know of more than it has, so what lies
 * beyond is news of something that cannot be had yet.
 */
export async function reachableEnd(
  log: ReadableLog,
  start: number,
  wait?: WaitOptions,
): Promise<number> {
  if (start >= log.length) return start
  const [first] = await log.reachable({ start, end: log.length }, wait)
  return first?.start === start ? first.end : start
}
