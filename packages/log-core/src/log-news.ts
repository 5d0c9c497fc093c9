import { isDatagramError } from '@datagram/errors'
import type { ReadableLog } from './log.ts'
import { bounded, type WaitOptions } from './waits.ts'

const LENGTH_TIMEOUT_MS = 30_000
const NEWS_MS = 1000

/**
 * Resolves when the log is known to have `length` blocks; the peers tell by themselves. `timeoutMs`
 * defaults to 30,000.
 */
export async function untilLength(
  log: ReadableLog,
  length: number,
  { signal, timeoutMs = LENGTH_TIMEOUT_MS }: WaitOptions,
): Promise<void> {
  if (log.length >= length) return
  let undo = () => {}
  const grown = new Promise<void>((resolve) => {
    undo = log.onAppend(() => {
      if (log.length >= length) resolve()
    })
  })
  try {
    await bounded(grown, 'waiting for a peer to tell of a log', { signal, timeoutMs })
  } finally {
    undo()
  }
}

/**
 * Whether the log becomes longer than `length` within about a second. For a read whose block was dropped: an
 * author drops blocks when it has appended what stands for them, but may tell of that a moment later.
 */
export async function growsBeyond(
  log: ReadableLog,
  length: number,
  { signal, timeoutMs = NEWS_MS }: WaitOptions,
): Promise<boolean> {
  try {
    const wait = { signal, timeoutMs: Math.min(timeoutMs, NEWS_MS) }
    await untilLength(log, length + 1, wait)
    return true
  } catch (error) {
    if (isDatagramError(error, 'WAIT_TIMEOUT')) return false
    throw error
  }
}
