import { isDatagramError } from '@datagram/errors'
import type { Log } from '@datagram/log-core'
import type { Packed } from './pack.ts'
import { streamError } from './stream-errors.ts'

// Chunks of one append: 2 MiB. The log seals and hashes the next while its engine writes these. The first are fewer,
// as nothing is written while they are made ready.
const CHUNKS_AT_ONCE = 8
const CHUNKS_AT_FIRST = 2

/**
 * Appends packed transactions; gives the index of the first block. The frames, and with them the
 * transactions, are in the last append. Of large bodies most chunks are appended before: until the
 * frames are there nothing points at them, and if these never come they are just blocks that nobody needs.
 */
export function appendPacked(log: Log, packed: Packed): Promise<number> {
  return packed.chunks > CHUNKS_AT_ONCE ? appendInParts(log, packed) : log.append(packed.blocks)
}

async function appendInParts(log: Log, { blocks, chunks }: Packed): Promise<number> {
  const first = log.length
  const parts: Promise<number>[] = []
  let size = CHUNKS_AT_FIRST
  for (let from = 0; from < blocks.length; ) {
    const to = chunks - from > size ? from + size : blocks.length
    size = Math.min(2 * size, CHUNKS_AT_ONCE)
    // At its place or not at all: the frames are never there without all of the chunks.
    parts.push(log.append(blocks.slice(from, to), { at: first + from }))
    from = to
  }
  const outcomes = await Promise.allSettled(parts)
  const failed = outcomes.find(({ status }) => status === 'rejected')
  if (failed === undefined) return first
  throw causeOf((failed as PromiseRejectedResult).reason)
}

// Of the parts that failed the first has the cause; those behind it lost their places by that.
function causeOf(reason: unknown): unknown {
  if (!isDatagramError(reason, 'LOG_LENGTH_DIFFERS')) return reason
  return streamError(
    'STREAM_LOGS_MISMATCHED',
    'somebody else has appended to the data log of the stream; a log belongs to one stream alone',
    { cause: reason },
  )
}
