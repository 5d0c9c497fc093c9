import { isDatagramError } from '@datagram/errors'
import { type Index, openIndex } from '@datagram/indexer'
import type { Log, WaitOptions } from '@datagram/log-core'

/** What one stream takes of this machine. */
export interface StreamUsage {
  /** `''` is a container's own. */
  readonly name: string
  /** Bytes of the blocks that are here and needed, sealed as they are. */
  readonly liveBytes: number
  /** Bytes of blocks of the index that no reader needs any more; they go by themselves, and by `compact`. */
  readonly reclaimableBytes: number
  /** Bytes of all blocks that are here: the two together. */
  readonly diskBytes: number
}

const headerBlock = { start: 0, end: 1 }
// Nobody has to be asked for what is here.
const HERE = { timeoutMs: 1000 } as const

/** What a stream takes. `open`: its index, where it is open already. */
export async function streamUsage(
  name: string,
  { data, index }: { readonly data: Log; readonly index: Log },
  open: Index | undefined,
  { signal }: WaitOptions,
): Promise<StreamUsage> {
  const [dataBytes, indexBytes] = await Promise.all([data.heldBytes(), index.heldBytes()])
  const live = await liveBytesOf(index, open, { signal, ...HERE })
  const reclaimableBytes = live === undefined ? 0 : indexBytes - live
  const diskBytes = dataBytes + indexBytes
  return { name, liveBytes: diskBytes - reclaimableBytes, reclaimableBytes, diskBytes }
}

// Undefined where the newest head is not here, so that it cannot be told.
async function liveBytesOf(
  log: Log,
  open: Index | undefined,
  wait: WaitOptions,
): Promise<number | undefined> {
  if (log.length === 0) return undefined
  try {
    const index = open ?? (await openIndex(log, wait))
    try {
      return await log.heldBytes([headerBlock, ...index.liveRanges()])
    } finally {
      if (open === undefined) await index.close()
    }
  } catch (error) {
    if (!['BLOCK_UNAVAILABLE', 'WAIT_TIMEOUT'].some((code) => isDatagramError(error, code)))
      throw error
    return undefined
  }
}
