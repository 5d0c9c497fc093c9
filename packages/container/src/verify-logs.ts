import { isDatagramError } from '@datagram/errors'
import type { Log, WaitOptions } from '@datagram/log-core'
import type { UnavailableBlocks, UnavailablePart } from './unavailable-blocks.ts'

// Blocks that are read at once.
const WINDOW = 64
// Not damage: the block was dropped while it was looked for.
const PASSING = ['BLOCK_FORGOTTEN', 'BLOCK_UNAVAILABLE', 'WAIT_TIMEOUT'] as const

/** Something that is not as it should be. */
export interface VerifyProblem {
  /** Name of the stream; `''` is the container's own. */
  readonly stream: string
  /** Block of the log that cannot be read; undefined where it is the whole log. */
  readonly block: number | undefined
  /** Why: `BLOCK_DAMAGED`, `BLOCK_KEY_WRONG`, `STORE_DAMAGED`, `LOG_ROLLED_BACK`, `LOG_FORKED`. */
  readonly error: Error
}

/** What {@link verifyLogs} has read, and found. */
export interface VerifyReport {
  readonly blocks: number
  /** Blocks that were forgotten, or are not needed any more, as far as is known here: they are not missing. */
  readonly forgotten: number
  /** What is not here and nobody has any more, as it was found when it was last fetched. No problem: nothing is damaged. */
  readonly unavailable: readonly UnavailablePart[]
  readonly problems: readonly VerifyProblem[]
}

/** Reads every block of the streams that is here; see {@link verifyLogs}. */
export async function verifyStreams(
  streams: readonly { readonly name: string; readonly logs: readonly Log[] }[],
  unavailable: UnavailableBlocks,
  wait: WaitOptions,
): Promise<VerifyReport> {
  const reports: LogsReport[] = []
  const parts: UnavailablePart[] = []
  for (const { name, logs } of streams) {
    reports.push(await verifyLogs(name, logs, wait))
    for (const log of logs) {
      const part = await unavailable.part(name, log)
      if (part !== undefined) parts.push(part)
    }
  }
  return {
    unavailable: parts,
    blocks: reports.reduce((sum, { blocks }) => sum + blocks, 0),
    forgotten: reports.reduce((sum, { forgotten }) => sum + forgotten, 0),
    problems: reports.flatMap(({ problems }) => problems),
  }
}

type LogsReport = Omit<VerifyReport, 'unavailable'>

/**
 * Reads every block of the logs that is here. Each is opened with its key at its own place, so that a block
 * that was changed, moved or exchanged is found; nothing is fetched for it.
 */
async function verifyLogs(
  stream: string,
  logs: readonly Log[],
  { signal }: WaitOptions,
): Promise<LogsReport> {
  const problems: VerifyProblem[] = []
  let blocks = 0
  let forgotten = 0
  for (const log of logs) {
    for (const { start, end } of log.forgotten) forgotten += end - start
    if (log.problem !== undefined) problems.push({ stream, block: undefined, error: log.problem })
    for (const { start, end } of log.here({ start: 0, end: log.length })) {
      for (let from = start; from < end; from += WINDOW) {
        signal?.throwIfAborted()
        const count = Math.min(WINDOW, end - from)
        const indexes = Array.from({ length: count }, (_, i) => from + i)
        blocks += count
        problems.push(...(await damaged(stream, log, indexes)))
      }
    }
  }
  return { blocks, forgotten, problems }
}

// All at once where they are well, which they mostly are; one by one to find which is not.
async function damaged(stream: string, log: Log, indexes: readonly number[]) {
  const problems: VerifyProblem[] = []
  try {
    await log.getBlocks(indexes)
    return problems
  } catch {
    for (const block of indexes) {
      await log.getBlock(block).catch((error: unknown) => {
        if (!isDatagramError(error)) throw error
        if (!PASSING.some((code) => error.code === code)) problems.push({ stream, block, error })
      })
    }
  }
  return problems
}
