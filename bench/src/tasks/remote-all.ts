import path from 'node:path'
import { expectScanned } from '../expectations.ts'
import { LinkedReplica } from '../linked-replica.ts'
import { millisecondsOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { ENTRY_BYTES } from '../workload.ts'
import { authorOf } from './remote-get.ts'

export interface RemoteAllParameters {
  /** How many the fixture holds. */
  readonly keys: number
  /** One way, of the link. */
  readonly delayMs: number
  /** `scan`: reads every entry. `log`: first fetches all blocks, by the call that there is for it. */
  readonly way: 'scan' | 'log'
}

/**
 * A replica that knows the lengths and has no block gets everything and reads every entry. Then the author
 * goes away and every entry is read again: it must be here. `bytesRatio`: of the bytes of all keys and
 * values. `localMs`: that second scan.
 */
export const remoteAll: Task<RemoteAllParameters> = async (subject, { keys, delayMs, way }) => {
  const author = await authorOf(subject)
  const folder = path.join(subject.folder, 'replica')
  const linked = await LinkedReplica.connect(author, folder, delayMs)
  const { roundTrips, bytes, milliseconds } = await linked.crossing(async (replica) => {
    await replica.open()
    if (way === 'log') await replica.download()
    expectScanned(await replica.scan(), keys)
  })
  linked.cut()
  const localMs = await millisecondsOf(async () => {
    expectScanned(await linked.replica.scan(), keys)
  })
  await linked.close()
  await author.close()
  return { roundTrips, bytes, bytesRatio: bytes / (keys * ENTRY_BYTES), ms: milliseconds, localMs }
}
