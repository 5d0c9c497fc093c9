import { isDatagramError } from '@datagram/errors'
import { bounded, type WaitOptions } from '@datagram/log-core'
import { batches } from './batches.ts'
import type { Change, ChangesOptions, Moment } from './interface-stream.ts'
import { compareMoments, momentOf } from './moment.ts'
import { changeOf } from './placed-change.ts'
import { transactionsOf } from './placed-transaction.ts'
import type { StreamCore } from './stream-core.ts'

// A peer that comes back with blocks that were missing is no news of a log, so they are asked for again.
const RETRY_MS = 2_000

interface Part {
  readonly from: Moment
  /** Lengths of the data log. */
  readonly at: number
  readonly to: number
  readonly signal: AbortSignal | undefined
}

/** The changes of one key space; see `InterfaceStream.changes`. Begins where the stream is now. */
export function changeFeed(
  core: StreamCore,
  space: number,
  { from = core.position, signal }: ChangesOptions,
): AsyncIterable<Change> {
  core.assertUsable()
  return feed(core, space, momentOf(from), signal)
}

async function* feed(
  core: StreamCore,
  space: number,
  from: Moment,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change, void, undefined> {
  const reader = { at: from.position }
  let news = false
  let wake = () => undefined as void
  const undoNews = core.onNews(() => {
    news = true
    wake()
  })
  const undoReader = core.addReader(reader)
  try {
    for (;;) {
      signal?.throwIfAborted()
      core.assertUsable()
      news = false
      // Of blocks that a peer has only now there is no news either.
      const isWhole = (await follow(core, { signal })) && core.position >= core.parts.data.length
      const to = Math.min(core.position, core.parts.data.length)
      const before = reader.at
      if (to > before)
        reader.at = yield* changesWithin(core, space, { from, at: before, to, signal })
      if (reader.at > before || news) continue
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const timeoutMs = isWhole && reader.at >= to ? undefined : RETRY_MS
      await waitFor(core, woken, { signal, timeoutMs })
    }
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : core.failure(error)
  } finally {
    undoNews()
    undoReader()
  }
}

// The changes of a part of the log; how far they went. A replica stops where blocks are missing.
async function* changesWithin(
  core: StreamCore,
  space: number,
  { from, at, to, signal }: Part,
): AsyncGenerator<Change, number, undefined> {
  let reached = at
  try {
    for await (const batch of batches(core.blocks, { from: at, to, signal })) {
      for (const one of transactionsOf(space, batch)) {
        if (compareMoments(one.moment, from) > 0) yield changeOf(core, one)
      }
      reached = batch.end
    }
  } catch (error) {
    if (core.writable || !isMissing(error)) throw error
    return reached
  }
  return to
}

// Moves on as far as the blocks are to be had; true when nothing is missing.
async function follow(core: StreamCore, wait: WaitOptions): Promise<boolean> {
  try {
    await core.follow(wait)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return isDatagramError(error, 'BLOCK_UNAVAILABLE') || isDatagramError(error, 'WAIT_TIMEOUT')
}

async function waitFor(core: StreamCore, woken: Promise<void>, wait: WaitOptions): Promise<void> {
  try {
    await bounded(woken, 'waiting for news', wait, core.lifecycle.signal)
  } catch (error) {
    if (wait.timeoutMs === undefined || !isDatagramError(error, 'WAIT_TIMEOUT')) throw error
  }
}
