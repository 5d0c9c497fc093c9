import type { WaitOptions } from '@datagram/log-core'
import { type Batch, batches } from './batches.ts'
import { batchesBackwards } from './batches-backwards.ts'
import type { Change, Moment, PastOptions } from './interface-stream.ts'
import { assertWas, compareMoments, momentOf } from './moment.ts'
import { changeOf } from './placed-change.ts'
import { transactionsOf } from './placed-transaction.ts'
import type { StreamCore } from './stream-core.ts'

interface Past extends WaitOptions {
  readonly from: Moment
  readonly to: Moment
  /** Length of the log that reads showed at the call. */
  readonly shown: number
  readonly reverse: boolean
}

/** The past changes of one key space; see `InterfaceStream.past`. */
export function pastChanges(
  core: StreamCore,
  space: number,
  { from = momentOf(0), to, reverse = false, signal, timeoutMs }: PastOptions,
): AsyncIterable<Change> {
  core.assertUsable()
  const { shown } = core
  const past = { from: momentOf(from), to: momentOf(to ?? shown), shown, reverse }
  return changes(core, space, { ...past, signal, timeoutMs })
}

async function* changes(
  core: StreamCore,
  space: number,
  past: Past,
): AsyncGenerator<Change, void, undefined> {
  const { from, to, shown, reverse, signal, timeoutMs } = past
  const wait = { signal, timeoutMs }
  const data = core.blocks
  try {
    for (const moment of [from, to]) await assertWas(data, moment, { shown, ...wait })
    if (compareMoments(from, to) >= 0) return
    const part = { from: from.position, to: await endOf(core, past), ...wait }
    const read: AsyncIterable<Batch> = reverse ? batchesBackwards(data, part) : batches(data, part)
    for await (const batch of read) {
      const transactions = transactionsOf(space, batch)
      for (const one of reverse ? transactions.reverse() : transactions) {
        signal?.throwIfAborted()
        core.assertUsable()
        const isWithin = compareMoments(one.moment, from) > 0 && compareMoments(one.moment, to) <= 0
        if (isWithin) yield changeOf(core, one)
      }
    }
  } catch (error) {
    throw core.failure(error)
  }
}

// Where the last append of the past ends, though the past may end amid it.
async function endOf(core: StreamCore, { to, shown, ...wait }: Past): Promise<number> {
  if (to.transactions === 0) return to.position
  const options = { from: to.position, to: shown, signal: wait.signal, timeoutMs: wait.timeoutMs }
  for await (const { end } of batches(core.blocks, options)) return end
  return shown
}
