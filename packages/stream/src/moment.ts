import type { WaitOptions } from '@datagram/log-core'
import { FRAME_KIND } from './frame.ts'
import type { Moment } from './interface-stream.ts'
import { streamError } from './stream-errors.ts'
import type { BlockReader } from './kept-blocks.ts'

/*
 * Moments are ordered by position, then by transactions. One between two transactions of an append has the
 * position of the append's first frame, wherever the reading began: so equal moments are equal numbers.
 */

/** Negative when `a` was before `b`, 0 when they are the same. */
export function compareMoments(a: Moment, b: Moment): number {
  return a.position - b.position || a.transactions - b.transactions
}

/** The moment at a position, or as given. Throws a TypeError for what is neither. */
export function momentOf(at: number | Moment): Moment {
  const moment = typeof at === 'number' ? { position: at, transactions: 0 } : at
  for (const part of [moment?.position, moment?.transactions]) {
    if (!Number.isSafeInteger(part) || (part as number) < 0) {
      throw new TypeError('a position, and the parts of a moment, are non-negative integers')
    }
  }
  return moment
}

/**
 * Throws `MOMENT_UNAVAILABLE` unless an append of `log` ended at the moment, or the moment is within one.
 * `shown`: length of the log that reads show.
 */
export async function assertWas(
  log: BlockReader,
  { position, transactions }: Moment,
  { shown, ...wait }: { readonly shown: number } & WaitOptions,
): Promise<void> {
  if (position + Math.sign(transactions) > shown) {
    throw unavailable(position, 'is not known here yet; update() may bring it')
  }
  if (position === 0 && transactions === 0) return
  const blocks = transactions === 0 ? [position - 1] : [Math.max(0, position - 1), position]
  const [before, first] = await log.getBlocks(blocks, wait)
  if (before?.batchEnd === true && (first === undefined || first.kind === FRAME_KIND)) return
  // The chunks of an append come before its first frame.
  if (first?.kind === FRAME_KIND && before?.kind !== FRAME_KIND) return
  throw neverWas(position)
}

/** The error of a moment that lies within a transaction, or in no append. */
export function neverWas(position: number): Error {
  return unavailable(position, 'is no moment that the stream was in; use those that it gives')
}

/** The error of a moment whose state cannot be told any more. */
export function notKept(position: number): Error {
  return unavailable(position, 'is not kept: what was overwritten since was dropped')
}

/** The error of a moment of which something was forgotten since. */
export function forgottenSince(position: number): Error {
  return unavailable(
    position,
    'had something that was forgotten since; use a moment after that was forgotten',
  )
}

function unavailable(position: number, why: string): Error {
  return streamError('MOMENT_UNAVAILABLE', `position ${position} of the data log ${why}`, {
    details: { position },
  })
}
