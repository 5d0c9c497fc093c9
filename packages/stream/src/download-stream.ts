import { isDatagramError } from '@datagram/errors'
import { type Index, openIndex } from '@datagram/indexer'
import type { BlockRange, DownloadProgress, Log, WaitOptions } from '@datagram/log-core'
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
 * opening the stream: the whole data log, and of the index log what its newest head needs. Resolves when
 * it is here.
 */
export async function downloadStream({
  data,
  index: indexLog,
  ...options
}: DownloadStreamOptions): Promise<void> {
  const { signal, timeoutMs } = options
  const index = indexLog.length === 0 ? undefined : await openIndex(indexLog, { signal, timeoutMs })
  try {
    await downloadLogs({ data, indexLog, index }, options)
  } finally {
    await index?.close()
  }
}

/** Both logs of a stream, and the index that says what is wanted of the second. */
export interface DownloadParts {
  readonly data: Log
  readonly indexLog: Log
  readonly index: Index | undefined
}

/** As {@link downloadStream}, with an index that is open already. */
export async function downloadLogs(
  { data, indexLog, index }: DownloadParts,
  { onProgress, ...wait }: Omit<DownloadStreamOptions, 'data' | 'index'>,
): Promise<void> {
  const progress = new JointProgress(onProgress)
  await Promise.all([
    data.download({ ...wait, onProgress: progress.part() }),
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
      if (!mayHaveMoved || !(await index.update(wait))) throw error
    }
  }
}
