import path from 'node:path'
import { expectScanned } from '../expectations.ts'
import { type Crossing, LinkedReplica } from '../linked-replica.ts'
import { median } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { ENTRY_BYTES, keyOf, randomNumbers } from '../workload.ts'
import { authorOf } from './remote-get.ts'

export interface RemoteRangeParameters {
  /** How many the fixture holds. */
  readonly keys: number
  /** One way, of the link. */
  readonly delayMs: number
  /** Entries of the range. */
  readonly entries: number
  /** Ranges that are read, each by a replica of its own. */
  readonly ranges: number
}

/**
 * A sparse replica reads neighbouring entries. It knows the lengths of the logs and has no block; opening
 * the map, in the newest state, counts. The figures are of the worst range. `bytesRatio`: of the bytes of
 * the keys and values that it reads.
 */
export const remoteRange: Task<RemoteRangeParameters> = async (subject, parameters) => {
  const { keys, delayMs, entries, ranges } = parameters
  const author = await authorOf(subject)
  const crossings: Crossing[] = []
  for (const start of randomNumbers(ranges, keys - entries, 5)) {
    const folder = path.join(subject.folder, `replica-${crossings.length}`)
    const linked = await LinkedReplica.connect(author, folder, delayMs)
    crossings.push(
      await linked.crossing(async (replica) => {
        await replica.open()
        expectScanned(await replica.scan({ gte: keyOf(start), limit: entries }), entries)
      }),
    )
    await linked.close()
  }
  await author.close()
  const bytes = Math.max(...crossings.map((one) => one.bytes))
  return {
    roundTrips: Math.max(...crossings.map(({ roundTrips }) => roundTrips)),
    bytes,
    bytesRatio: bytes / (entries * ENTRY_BYTES),
    ms: median(crossings.map(({ milliseconds }) => milliseconds)),
  }
}
