import type { WaitOptions } from './chat-backend.ts'
import type { ChatPosition } from './chat-position.ts'
import type { ChatRecord } from './chat-record.ts'
import { isNote } from './message-state.ts'

/** Which messages of a conversation, and in which order. */
export interface MessagesOptions extends WaitOptions {
  /** Only those before this timestamp, or before this message. */
  readonly before?: number | ChatPosition | undefined
  /** Only those after this timestamp, or after this message. */
  readonly after?: number | ChatPosition | undefined
  /**
   * Those nearest to this timestamp or message: half of `limit` before it, the rest from it on, and more of
   * one side where the other has fewer. Not together with `before` or `after`.
   */
  readonly around?: number | ChatPosition | undefined
  /** How many at most; default all, with `around` 50. */
  readonly limit?: number | undefined
  /**
   * Also messages that only say something about others (edits, reactions, receipts, requests to delete), each
   * as it was added; default false.
   */
  readonly notes?: boolean | undefined
  /** Default `oldest` first with `after` or `around`, else `newest` first. */
  readonly order?: 'newest' | 'oldest' | undefined
}

/** A query whose places are positions: from `from` on, up to and without `to`. */
export interface MessageQuery {
  readonly from: ChatPosition
  readonly to: ChatPosition
  readonly around: ChatPosition | undefined
  readonly limit: number
  readonly order: 'newest' | 'oldest'
  /** Which of the messages. */
  readonly shows: (record: ChatRecord) => boolean
}

/** Before every message. */
export const FIRST_POSITION: ChatPosition = { timestamp: 0, hash: '' }
/** Behind every message. */
export const LAST_POSITION: ChatPosition = { timestamp: Infinity, hash: '' }
const AROUND_LIMIT = 50

/** Takes the options apart. Throws a TypeError for what makes no sense. */
export function messageQuery({
  before,
  after,
  around,
  notes = false,
  order = after === undefined && around === undefined ? 'newest' : 'oldest',
  limit = around === undefined ? Infinity : AROUND_LIMIT,
}: MessagesOptions): MessageQuery {
  if (around !== undefined && (before !== undefined || after !== undefined)) {
    throw new TypeError('around does not go together with before or after')
  }
  if (order !== 'newest' && order !== 'oldest') {
    throw new TypeError("order is 'newest' or 'oldest'")
  }
  assertLimit(limit)
  return {
    from: after === undefined ? FIRST_POSITION : justAfter(after),
    to: before === undefined ? LAST_POSITION : positionOf(before),
    around: around === undefined ? undefined : positionOf(around),
    limit,
    order,
    shows: (record) => notes || !isNote(record),
  }
}

/** Throws a TypeError for what does not say how many. */
export function assertLimit(limit: number): void {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return
  throw new TypeError('limit is a whole number from 0')
}

// No message is between: timestamps are whole, and a hash that is longer by a character is none.
function justAfter(place: number | ChatPosition): ChatPosition {
  const { timestamp, hash } = positionOf(place)
  return typeof place === 'number'
    ? { timestamp: timestamp + 1, hash: '' }
    : { timestamp, hash: `${hash}\0` }
}

/** The place that is meant. Throws a TypeError where there is none. */
export function positionOf(place: number | ChatPosition): ChatPosition {
  const { timestamp, hash } = typeof place === 'number' ? { timestamp: place, hash: '' } : place
  if (!Number.isSafeInteger(timestamp) || typeof hash !== 'string') {
    throw new TypeError('a place is a timestamp in milliseconds, or a message')
  }
  return { timestamp, hash }
}
