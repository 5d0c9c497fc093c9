import { type Log, untilLength, type WaitOptions } from '@datagram/log-core'
import { downloadStream } from '@datagram/stream'
import type { StreamLogs } from './member-logs.ts'
import { fetchRoster } from './roster.ts'
import type { UnavailableBlocks, UnavailablePart } from './unavailable-blocks.ts'

// Streams whose downloads run at the same time. Each has hundreds of requests under way by itself; more
// streams only help where they are tiny.
const STREAMS_AT_ONCE = 16
// Streams whose lengths are asked for at the same time: a few hundred bytes each.
const LENGTHS_AT_ONCE = 256
const TIMEOUT_MS = 30_000

/** How far a clone or update is. Counted of what is wanted; it grows as more becomes known. */
export interface FetchProgress {
  readonly streamsDone: number
  readonly streamsWanted: number
  readonly blocksDone: number
  readonly blocksWanted: number
  /** Bytes of blocks that arrived during this call. */
  readonly bytesReceived: number
  /** What is not here and nobody has any more, of the streams that are done. It is not counted as wanted. */
  readonly unavailable: readonly UnavailablePart[]
}

/** A stream that is fetched. */
export interface FetchedStream extends StreamLogs {
  readonly name: string
  /** Its own roster, for who hosts it alone. */
  readonly roster?: Log | undefined
  /** Aborted when it has left meanwhile: then it is not waited for any more. */
  readonly left?: AbortSignal | undefined
}

/** A part of the options that a container adds to its caller's. */
export interface FetchNotes {
  /** Where it is kept what nobody has any more. */
  readonly unavailable: UnavailableBlocks
  /** Whether a stream that could not be fetched has left, which may not be heard here yet. Default: it has not. */
  readonly hasLeft?: ((stream: FetchedStream) => Promise<boolean>) | undefined
}

export interface FetchOptions extends WaitOptions {
  /**
   * Whether a stream is not waited for, by its id: nobody who is connected shares it, or it is not wanted. `isEmpty`:
   * nothing is known of it here. Default: all are waited for.
   */
  readonly isAbsent?: ((id: Uint8Array, isEmpty: boolean) => Promise<boolean>) | undefined
  /** Take nothing ahead: only what is read is fetched, when it is. Default false. */
  readonly sparse?: boolean | undefined
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
}

/**
 * Brings streams to the newest state of the connected peers, and unless `sparse` all that is wanted of
 * them. Resolves when it is here, but for what all who had it have forgotten alone: of that note is taken, and it is
 * told in the progress. Rejects when a stream makes no progress for `timeoutMs` (30,000).
 */
export async function fetchStreams(
  streams: readonly FetchedStream[],
  options: FetchOptions & FetchNotes,
): Promise<void> {
  const { onProgress, sparse = false, unavailable } = options
  const fetching = new Fetching(options)
  // All lengths first: on a slow link they would wait behind the blocks of other streams.
  await eachAtOnce(streams, LENGTHS_AT_ONCE, (stream) =>
    fetching.unlessLeft(stream, async (wait) => {
      await Promise.all([newest(stream.index, wait), newest(stream.data, wait)])
    }),
  )
  const counts = streams.map(() => NOTHING)
  const parts: UnavailablePart[] = []
  let streamsDone = 0
  const report = () => {
    const streamsWanted = streams.length
    onProgress?.({ streamsDone, streamsWanted, unavailable: [...parts], ...sum(counts) })
  }
  await eachAtOnce(streams, STREAMS_AT_ONCE, async (stream, number) => {
    const { name, index, data, roster } = stream
    const note = (count: Count) => {
      counts[number] = count
      report()
    }
    const fetchOne = async (wait: WaitOptions) => {
      const known = { unavailable: unavailable.of(data) }
      const lacking = await downloadStream({ data, index, onProgress: note, ...known, ...wait })
      await unavailable.note(data, lacking)
      const part = await unavailable.part(name, data)
      if (part !== undefined) parts.push(part)
      if (roster !== undefined && !roster.writable) await fetchRoster(roster, wait)
    }
    if (!sparse) await fetching.unlessLeft(stream, fetchOne)
    if (fetching.hasLeft(stream)) counts[number] = NOTHING
    streamsDone++
    report()
  })
}

/** What is fetched in one call: what leaves meanwhile is waited for no longer. */
class Fetching {
  readonly #options: FetchOptions & FetchNotes
  readonly #left = new Set<FetchedStream>()

  constructor(options: FetchOptions & FetchNotes) {
    this.#options = options
  }

  /** Whether the stream was found to have left. */
  hasLeft(stream: FetchedStream): boolean {
    return this.#left.has(stream)
  }

  /** Does a part of the work on a stream. It ends when the stream leaves, and fails only where it has not. */
  async unlessLeft(
    stream: FetchedStream,
    work: (wait: WaitOptions) => Promise<void>,
  ): Promise<void> {
    if (this.#left.has(stream)) return
    const { signal, timeoutMs = TIMEOUT_MS, hasLeft } = this.#options
    const signals = [signal, stream.left].filter((one) => one !== undefined)
    try {
      await work({ signal: AbortSignal.any(signals), timeoutMs })
    } catch (error) {
      signal?.throwIfAborted()
      if (!stream.left?.aborted && !(await hasLeft?.(stream))) throw error
      this.#left.add(stream)
    }
  }
}

/** Those of the streams that are not waited for. */
export async function absentOf<T extends StreamLogs>(
  streams: readonly T[],
  { isAbsent }: Pick<FetchOptions, 'isAbsent'>,
): Promise<ReadonlySet<T>> {
  if (isAbsent === undefined) return new Set()
  const answers = await Promise.all(
    streams.map(({ index }) => isAbsent(index.discoveryKey, index.length === 0)),
  )
  return new Set(streams.filter((_, i) => answers[i]))
}

async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, number: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const number = next++
      await work(items[number] as T, number)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
}

interface Count {
  readonly blocksDone: number
  readonly blocksWanted: number
  readonly bytesReceived: number
}

const NOTHING: Count = { blocksDone: 0, blocksWanted: 0, bytesReceived: 0 }

// Every log of a stream begins with its header, so an empty one has not been heard of yet.
async function newest(log: Log, wait: WaitOptions): Promise<void> {
  await untilLength(log, 1, wait)
  await log.update(wait)
}

function sum(counts: readonly Count[]): Count {
  const total = { ...NOTHING }
  for (const one of counts) {
    total.blocksDone += one.blocksDone
    total.blocksWanted += one.blocksWanted
    total.bytesReceived += one.bytesReceived
  }
  return total
}
