import type { Task } from '../task.ts'
import { batchesOf, entryOf, shuffled } from '../workload.ts'

export interface PrepareParameters {
  readonly keys: number
  readonly batch: number
  /** So many keys are put one by one at the end, after the background has come to rest. */
  readonly tail: number
  /** How the process ends: the store is closed, or the process is killed right after the last put. */
  readonly ending: 'closed' | 'killed'
}

/** Makes a store for others to read: every key once, in pseudo-random order, by batches. */
export const prepare: Task<PrepareParameters> = async ({ contender, folder }, parameters) => {
  const { keys, batch, tail, ending } = parameters
  const map = await contender.open(folder)
  const order = shuffled(keys)
  for (const entries of batchesOf(order.subarray(0, keys - tail), batch)) await map.batch(entries)
  if (ending === 'killed') return {}
  if (map.settle) await map.settle()
  else await new Promise((resolve) => setTimeout(resolve, settleMs(keys)))
  for (const index of order.subarray(keys - tail)) await map.put(...entryOf(index))
  await map.close()
  return {}
}

// All have the same time for what they do in the background.
function settleMs(keys: number): number {
  return Math.max(1000, keys / 100)
}
