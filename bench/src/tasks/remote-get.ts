import path from 'node:path'
import type { Author, Replica } from '../contender.ts'
import { expectValue } from '../expectations.ts'
import { type Crossing, LinkedReplica } from '../linked-replica.ts'
import { median } from '../stopwatch.ts'
import type { Subject, Task } from '../task.ts'
import { keyOf, randomNumbers, shuffled, valueOf } from '../workload.ts'

export interface RemoteGetParameters {
  /** How many the fixture holds. */
  readonly keys: number
  /** One way, of the link. */
  readonly delayMs: number
  /** Keys that are read cold, each by a replica of its own. */
  readonly coldKeys: number
  /** Keys that the last of them reads after its first. */
  readonly laterKeys: number
}

/**
 * A sparse replica reads keys. Cold: it knows the lengths of the logs and has no block; opening the map,
 * in the newest state, counts. The figures are of the worst key; `…Median` of the middle one.
 */
export const remoteGet: Task<RemoteGetParameters> = async (subject, parameters) => {
  const { keys, delayMs, coldKeys, laterKeys } = parameters
  const author = await authorOf(subject)
  // The key that was written last, which may lie elsewhere than the rest, and random ones.
  const last = shuffled(keys).at(-1) as number
  const cold: Crossing[] = []
  let later: Crossing[] = []
  for (const index of [...randomNumbers(coldKeys - 1, keys, 3), last]) {
    const folder = path.join(subject.folder, `replica-${cold.length}`)
    const linked = await LinkedReplica.connect(author, folder, delayMs)
    cold.push(await get(linked, index, true))
    if (cold.length === coldKeys) {
      later = []
      for (const one of randomNumbers(laterKeys, keys, 4)) later.push(await get(linked, one, false))
    }
    await linked.close()
  }
  await author.close()
  return {
    coldRoundTrips: Math.max(...cold.map(({ roundTrips }) => roundTrips)),
    coldBytes: Math.max(...cold.map(({ bytes }) => bytes)),
    coldBytesMedian: median(cold.map(({ bytes }) => bytes)),
    coldMs: median(cold.map(({ milliseconds }) => milliseconds)),
    laterRoundTrips: Math.max(...later.map(({ roundTrips }) => roundTrips)),
    laterBytesMedian: median(later.map(({ bytes }) => bytes)),
  }
}

function get(linked: LinkedReplica<Replica>, index: number, isCold: boolean): Promise<Crossing> {
  return linked.crossing(async (replica) => {
    if (isCold) await replica.open()
    expectValue(keyOf(index), await replica.get(keyOf(index)), valueOf(index))
  })
}

/** The author of a subject's fixture. */
export function authorOf({ contender, fixture }: Subject): Promise<Author> {
  if (contender.openAuthor === undefined)
    throw new TypeError(`${contender.name} does not replicate`)
  return contender.openAuthor(fixture)
}
