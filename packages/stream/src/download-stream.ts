import { isDatagramError } from '@datagram/errors'
import { type Index, openIndex } from '@datagram/indexer'
import {
  type BlockRange,
  type DownloadOptions,
  type DownloadProgress,
  growsBeyond,
  type Log,
  reachableEnd,
  type WaitOptions,
} from '@datagram/log-core'
import { DroppedBlocks } from './dropped-blocks.ts'
import { JointProgress } from './joint-progress.ts'
import { readDropped, settleDropped } from './settle-dropped.ts'

// How often an author may drop what is just being downloaded before the download gives up.
const ATTEMPTS_MAX = 5
// How many older states are tried where nobody has all of the newest.
const OLDER_MAX = 8
const headerBlock: BlockRange = { start: 0, end: 1 }

/** What {@link downloadStream} takes. `timeoutMs`: how long nothing may arrive; default 30,000. */
export interface DownloadStreamOptions extends WaitOptions {
  readonly data: Log
  readonly index: Log
  /** Progress of both logs together, counted of what is wanted. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Blocks of the data log that were found before to be with nobody any more: they are not waited for again. */
  readonly unavailable?: readonly BlockRange[] | undefined
}

/**
 * Brings here all that is wanted of a stream's two logs, as long as they are known to be now, without
 * opening the stream: of the data log all that is not dropped, as far as the connected peers have it, and of the
 * index log what the newest head within reach needs. What is dropped for good is dropped here too. Resolves
 * when it is here, with the blocks of the data log that it went without: every connected peer says that it has
 * forgotten them alone, or found that nobody has them.
 *
 * A stream of which nothing was here comes in the newest state that is within reach as a whole: a peer that was
 * cut off in the middle may have the newest head, and not all that it needs.
 */
export async function downloadStream({
  data,
  index,
  ...options
}: DownloadStreamOptions): Promise<readonly BlockRange[]> {
  const parts = { data, indexLog: index }
  const isNew = index.length > 0 && index.here({ start: 1, end: index.length }).length === 0
  let tried = await tryState(parts, undefined, options)
  for (let older = 0; tried.missing !== undefined; older++) {
    const { headBlock, missing } = tried
    if (!isNew || headBlock <= 0 || older === OLDER_MAX) throw missing
    tried = await tryState(parts, headBlock, options)
    if (tried.headBlock === -1) throw missing
  }
  // What came of newer states counts as none of it: whoever opens the stream takes the one that is whole.
  const { headBlock, unavailable } = tried
  if (isNew && headBlock > 0 && headBlock + 1 < index.length) {
    await index.evict({ start: headBlock + 1, end: index.length })
  }
  return unavailable
}

interface TriedState {
  /** Block of the state's head; −1 where there is none. */
  readonly headBlock: number
  /** Blocks of the data log that it went without. */
  readonly unavailable: readonly BlockRange[]
  /** Why it is not here: nobody who is connected has all that it needs. */
  readonly missing?: Error
}

/** Downloads the newest state whose head lies below a block, or the newest of all. */
async function tryState(
  { data, indexLog }: Pick<DownloadParts, 'data' | 'indexLog'>,
  below: number | undefined,
  options: Omit<DownloadStreamOptions, 'data' | 'index'>,
): Promise<TriedState> {
  const { signal, timeoutMs } = options
  const index =
    indexLog.length === 0 ? undefined : await openIndex(indexLog, { signal, timeoutMs, below })
  const headOf = () => index?.stats().headBlock ?? -1
  // Where something is missing the index is moved on, in case that its author has dropped it: to where it was before, maybe.
  const headBlock = headOf()
  try {
    if (below !== undefined && headBlock === -1) return { headBlock, unavailable: [] }
    const reach = await reachableEnd(data, index?.covers ?? 0, { signal, timeoutMs })
    // Of a stream whose header alone is within reach, what is missing is said.
    const dataEnd = reach <= 1 ? data.length : reach
    const unavailable = await downloadLogs({ data, dataEnd, indexLog, index }, options)
    // Nobody reads here from the older heads, so nothing of them has to wait.
    await index?.compact()
    return { headBlock: headOf(), unavailable }
  } catch (error) {
    if (!isDatagramError(error, 'BLOCK_UNAVAILABLE')) throw error
    return { headBlock, unavailable: [], missing: error }
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
  { onProgress, unavailable = [], ...wait }: Omit<DownloadStreamOptions, 'data' | 'index'>,
): Promise<readonly BlockRange[]> {
  const progress = new JointProgress(onProgress)
  const options = { onProgress: progress.part(), without: unavailable, ...wait }
  const failed = new AbortController()
  const signal = AbortSignal.any([
    failed.signal,
    ...(wait.signal === undefined ? [] : [wait.signal]),
  ])
  const [ofIndex, ofData] = await Promise.allSettled([
    index &&
      downloadIndex(indexLog, index, progress.part(), wait).catch((error: unknown) => {
        failed.abort(error)
        throw error
      }),
    downloadData({ data, dataEnd, index }, { ...options, signal }, wait),
  ])
  // Both have ended: no block of an index comes any more that the caller may be about to give up.
  if (ofIndex.status === 'rejected') throw ofIndex.reason
  if (ofData.status === 'rejected') throw ofData.reason
  const { dropped, lacking } = ofData.value
  await settleDropped(data, dropped)
  return lacking
}

// The author may drop what is being downloaded; the index tells, once it has moved on.
async function downloadData(
  { data, dataEnd, index }: Omit<DownloadParts, 'indexLog'>,
  options: Omit<DownloadOptions, 'ranges'>,
  wait: WaitOptions,
): Promise<{ dropped: DroppedBlocks; lacking: readonly BlockRange[] }> {
  const dropped = new DroppedBlocks()
  for (let attempt = 1; ; attempt++) {
    if (index !== undefined) await readDropped(index, dropped, wait)
    const ranges = dropped.all().without({ start: 0, end: dataEnd })
    try {
      return { dropped, lacking: await data.download({ ...options, ranges }) }
    } catch (error) {
      const mayBeDropped = isDatagramError(error, 'BLOCK_UNAVAILABLE') && attempt < ATTEMPTS_MAX
      if (!mayBeDropped || index === undefined || !(await index.update(wait))) throw error
    }
  }
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
