import { isDatagramError } from '@datagram/errors'
import { type Index, openIndex } from '@datagram/indexer'
import {
  type BlockRange,
  type DownloadProgress,
  growsBeyond,
  type Log,
  reachableEnd,
  type WaitOptions,
} from '@datagram/log-core'
import { JointProgress } from './joint-progress.ts'

// How often an author may drop what is just being downloaded before the download gives up.
const ATTEMPTS_MAX = 5
const headerBlock: BlockRange = { start: 0, end: 1 }

/** What {@link downloadStream} takes. `timeoutMs`: how long nothing may arrive; default 30,000. */
export interface DownloadStreamOptions extends WaitOptions {
  readonly data: Log
  readonly index: Log
  /** Progress of both logs together, counted of what is wanted. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/**
 * Brings here all that is wanted of a stream's two logs, as long as they are known to be now, without
 * opening the stream: the data log, as far as the connected peers have it, and of the index log what the newest
 * head within reach needs. Resolves when it is here.
 */
export async function downloadStream({
  data,
  index: indexLog,
  ...options
}: DownloadStreamOptions): Promise<void> {
  const { signal, timeoutMs } = options
  const index = indexLog.length === 0 ? undefined : await openIndex(indexLog, { signal, timeoutMs })
  try {
    const reach = await reachableEnd(data, index?.covers ?? 0, { signal, timeoutMs })
    // Of a stream whose header alone is within reach, what is missing is said.
    const dataEnd = reach <= 1 ? data.length : reach
    await downloadLogs({ data, dataEnd, indexLog, index }, options)
  } finally {
    await index?.close()
  }
}

/** Both logs of a stream, and the index that says what is wanted of the second. */
export interface DownloadParts {
  readonly data: Log
  /** How much is wanted of the data log, in blocks. */
  readonly dataEnd: number
  readonly indexLog: Log
  readonly index: Index | undefined
}

/** As {@link downloadStream}, with an index that is open already. */
export async function downloadLogs(
  { data, dataEnd, indexLog, index }: DownloadParts,
  { onProgress, ...wait }: Omit<DownloadStreamOptions, 'data' | 'index'>,
): Promise<void> {
  const progress = new JointProgress(onProgress)
  await Promise.all([
    data.download({ ...wait, ranges: [{ start: 0, end: dataEnd }], onProgress: progress.part() }),
    index && downloadIndex(indexLog, index, progress.part(), wait),
  ])
}

// While it is downloaded, the author may drop blocks that a newer head no longer needs.
async function downloadIndex(
  indexLog: Log,
  index: Index,
  onProgress: (progress: DownloadProgress) => void,
  wait: WaitOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const ranges = [headerBlock, ...index.liveRanges()]
    try {
      await indexLog.download({ ...wait, ranges, onProgress })
      return
    } catch (error) {
      const mayHaveMoved = isDatagramError(error, 'BLOCK_UNAVAILABLE') && attempt < ATTEMPTS_MAX
      if (!mayHaveMoved || !(await movesOn(indexLog, index, wait))) throw error
    }
  }
}

// To a newer head, which its author may tell of a moment later than of the blocks that it has dropped.
async function movesOn(indexLog: Log, index: Index, wait: WaitOptions): Promise<boolean> {
  const { length } = indexLog
  if (await index.update(wait)) return true
  return (await growsBeyond(indexLog, length, wait)) && index.update(wait)
}
