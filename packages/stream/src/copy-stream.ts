import type { Block, BlockInput, BlockRange, KeyPair, Log } from '@datagram/log-core'
import { authoredBy } from './author-binding.ts'
import { encodeHeader, streamHeader, type WriterLogs } from './header.ts'
import { streamError } from './stream-errors.ts'
import type { StreamLogs } from './stream-logs.ts'

// Places of blocks that were dropped, in one append: each is a block of nothing.
const HOLES_AT_ONCE = 1024

/**
 * Copies a stream, block for block, into two empty logs of one's own: what points to a block points to the same
 * one there, and each keeps its time. Only the headers differ, which name the logs. What was dropped is dropped
 * there too. A copy that was cut short is of no use; make another. `author`: who proves in it to have made it; default
 * nobody.
 *
 * Throws `STREAM_LOGS_MISMATCHED` where the logs to copy into are not empty, and what the logs throw.
 */
export async function copyStream(
  from: StreamLogs,
  to: StreamLogs,
  author?: KeyPair,
): Promise<void> {
  if (to.data.length > 0 || to.indexLog.length > 0) {
    throw streamError(
      'STREAM_LOGS_MISMATCHED',
      'a stream is copied into logs that are empty; these are not',
    )
  }
  const keys = { dataKey: to.data.key, indexKey: to.indexLog.key }
  const names = { keys, author }
  await copyLog(from.data, to.data, names)
  // Last, since it names blocks of the other.
  await copyLog(from.indexLog, to.indexLog, names)
}

/** What the header of a copy names. */
interface HeaderNames {
  readonly keys: WriterLogs
  readonly author: KeyPair | undefined
}

async function copyLog(from: Log, to: Log, names: HeaderNames): Promise<void> {
  const here = from.here({ start: 0, end: from.length })
  let next = 0
  for (const range of here) {
    await copyHoles(to, range.start - next)
    await copyRange(from, to, range, names)
    next = range.end
  }
  await copyHoles(to, from.length - next)
  for (const hole of between(here, from.length)) await to.evict(hole)
}

/** Appends blocks that are here, in the batches in which they were. */
async function copyRange(from: Log, to: Log, range: BlockRange, names: HeaderNames): Promise<void> {
  let batch: BlockInput[] = []
  for await (const block of from.range(range)) {
    batch.push(block.index === 0 ? withNames(block, names) : block)
    if (!block.batchEnd) continue
    await to.append(batch)
    batch = []
  }
  if (batch.length > 0) await to.append(batch)
}

async function copyHoles(to: Log, count: number): Promise<void> {
  for (let left = count; left > 0; left -= HOLES_AT_ONCE) {
    const size = Math.min(left, HOLES_AT_ONCE)
    await to.append(Array.from({ length: size }, () => ({ payload: new Uint8Array(0) })))
  }
}

function withNames({ kind, stamp, payload }: Block, { keys, author }: HeaderNames): BlockInput {
  const state = { start: 0, end: payload.byteLength, buffer: payload }
  const header = streamHeader.decode(state)
  const writers = header.writers.map((logs, writer) => (writer === header.writer ? keys : logs))
  const extension = authoredBy(author, keys, header.extension)
  return { kind, stamp, payload: encodeHeader({ ...header, writers, extension }) }
}

function between(ranges: readonly BlockRange[], length: number): BlockRange[] {
  const holes: BlockRange[] = []
  let next = 0
  for (const { start, end } of [...ranges, { start: length, end: length }]) {
    if (start > next) holes.push({ start: next, end: start })
    next = end
  }
  return holes
}
