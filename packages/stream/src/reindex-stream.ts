import { isDatagramError } from '@datagram/errors'
import { beginAnew, checkIndex, openIndex } from '@datagram/indexer'
import type { Log, WaitOptions } from '@datagram/log-core'
import { batches } from './batches.ts'
import { indexOperations } from './index-operations.ts'
import { streamError } from './stream-errors.ts'

/** What {@link reindexStream} takes: both logs of a stream of one's own, which is not open. */
export interface ReindexStreamOptions extends WaitOptions {
  readonly data: Log
  readonly index: Log
}

/**
 * Brings the index of a stream back: reads every block of it, and where one is damaged, missing or of another
 * format, writes the whole index anew from the data log. True when it was written anew. What the index does
 * not cover yet is no damage; opening the stream replays it.
 *
 * Throws `STREAM_NOT_WRITABLE` on a replica (a replica takes its index from its peers), `INDEX_LOST` when the
 * data log has been dropped in parts and can no longer tell all, and what the logs throw.
 */
export async function reindexStream({
  data,
  index: indexLog,
  ...wait
}: ReindexStreamOptions): Promise<boolean> {
  const problem = data.problem ?? indexLog.problem
  if (problem !== undefined) throw problem
  if (!data.writable || !indexLog.writable) {
    throw streamError(
      'STREAM_NOT_WRITABLE',
      'only its author can write the index of a stream anew; a replica takes it from its peers',
    )
  }
  if (await isSound(indexLog, data.length, wait)) return false
  const [whole] = data.here({ start: 0, end: data.length })
  if (data.length > 0 && whole?.end !== data.length) {
    throw streamError(
      'INDEX_LOST',
      `the index is damaged, and block ${whole?.start === 0 ? whole.end : 0} of the data log was dropped, so the index cannot be written anew; bring it back from a replica`,
    )
  }
  await beginAnew(indexLog)
  const index = await openIndex(indexLog, wait)
  try {
    for await (const { frames, end, stamp } of batches(data, {
      from: 0,
      to: data.length,
      ...wait,
    })) {
      await index.ready()
      const operations = frames.flatMap(({ block, frame }) => indexOperations(frame, block))
      index.apply(operations, { position: end, stamp })
    }
    await index.flush()
  } finally {
    await index.close()
  }
  return true
}

async function isSound(log: Log, dataLength: number, wait: WaitOptions): Promise<boolean> {
  try {
    const index = await openIndex(log, wait)
    try {
      return index.covers <= dataLength && (await checkIndex(index)).length === 0
    } finally {
      await index.close()
    }
  } catch (error) {
    if (DAMAGES.some((code) => isDatagramError(error, code))) return false
    throw error
  }
}

// What reading a damaged index throws, the log's own codes among them.
const DAMAGES = [
  'INDEX_HEAD_DAMAGED',
  'INDEX_BLOCK_DAMAGED',
  'INDEX_FORMAT_UNKNOWN',
  'BLOCK_UNAVAILABLE',
  'BLOCK_DAMAGED',
  'BLOCK_FORMAT_UNKNOWN',
] as const
