import type { Log } from '@datagram/log-core'
import type { Packed } from './pack.ts'
import { streamError } from './stream-errors.ts'

// Chunks of one append: 16 MiB. The log and its engine hold several copies of what is being appended.
const CHUNKS_AT_ONCE = 64

/**
 * Appends packed transactions; gives the index of the first block. The frames, and with them the
 * transactions, are in the last append. Of very large bodies most chunks are appended before: until the
 * frames are there nothing points at them, and if these never come they are just blocks that nobody needs.
 */
export function appendPacked(log: Log, packed: Packed): Promise<number> {
  return packed.chunks > CHUNKS_AT_ONCE ? appendInParts(log, packed) : log.append(packed.blocks)
}

async function appendInParts(log: Log, { blocks, chunks }: Packed): Promise<number> {
  let first: number | undefined
  let appended = 0
  while (chunks - appended > CHUNKS_AT_ONCE) {
    const position = await log.append(blocks.slice(appended, appended + CHUNKS_AT_ONCE))
    first ??= position
    if (position !== first + appended) throw interrupted()
    appended += CHUNKS_AT_ONCE
  }
  // Nothing else appends to the log, so what is between the chunks and the frames is only the chunks.
  if (first !== undefined && log.length !== first + appended) throw interrupted()
  const position = await log.append(blocks.slice(appended))
  return first ?? position
}

function interrupted(): Error {
  return streamError(
    'STREAM_LOGS_MISMATCHED',
    'somebody else has appended to the data log of the stream; a log belongs to one stream alone',
  )
}
