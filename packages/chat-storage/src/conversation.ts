import b4a from 'b4a'
import { containerDamaged } from './chat-errors.ts'
import type { ChatPosition } from './chat-position.ts'
import type { ChunkIdentifier } from './container-key.ts'
import { stableJson } from './stable-json.ts'

/** A chunk as its conversation lists it. */
export interface ListedChunk extends ChunkIdentifier {
  /** How many messages it has; not said of the newest chunk, which says it itself. */
  readonly count?: number | undefined
}

/** What a conversation's container says. */
export interface Conversation {
  /** By time, at least one; not by id, as an older chunk that grew too large was cut in two. */
  readonly chunks: readonly ListedChunk[]
  /** Messages about others that are not there yet. */
  readonly waiting?: readonly WaitingNote[] | undefined
  /** Messages are for so many milliseconds; absent for ever. */
  readonly expireAfterMs?: number | undefined
}

/** A message about another one that is not there yet. */
export interface WaitingNote extends ChatPosition {
  /** Hash of the message that it is about. */
  readonly about: string
}

/** What the root container says. */
export interface ChatRoot {
  /** Normalised names of contacts, sorted. */
  readonly conversations: readonly string[]
  /** Those of them that are hidden, sorted. */
  readonly hidden?: readonly string[] | undefined
}

/** `{"chunks":[{"id":0,"timestamp":0},…],"counts":[…]}`, with the counts of all chunks but the last. */
export function encodeConversation({
  chunks,
  waiting = [],
  expireAfterMs,
}: Conversation): Uint8Array {
  const identifiers = chunks.map(({ id, timestamp }) => ({ id, timestamp }))
  const counts = chunks.slice(0, -1).map(({ count }) => count)
  return b4a.from(
    stableJson({
      chunks: identifiers,
      ...(counts.length > 0 ? { counts } : {}),
      ...(waiting.length > 0 ? { waiting } : {}),
      ...(expireAfterMs === undefined ? {} : { expireAfterMs }),
    }),
  )
}

/** Throws `CHAT_CONTAINER_DAMAGED` where `bytes` are no conversation. */
export function decodeConversation(key: string, bytes: Uint8Array): Conversation {
  const { chunks, counts = [], waiting = [], expireAfterMs } = parsed(key, bytes)
  if (!Array.isArray(chunks) || !Array.isArray(counts)) throw notThis(key)
  if (expireAfterMs !== undefined && !isCount(expireAfterMs)) throw notThis(key)
  if (!Array.isArray(waiting)) throw notThis(key)
  const listed = chunks.map((chunk: unknown, place): ListedChunk => {
    const { id, timestamp } = Object(chunk) as Partial<ChunkIdentifier>
    if (!isCount(id) || !isCount(timestamp)) throw notThis(key)
    const count: unknown = counts[place]
    if (count !== undefined && !isCount(count)) throw notThis(key)
    return { id, timestamp, count }
  })
  if (listed.length === 0) throw notThis(key)
  return { chunks: listed, waiting: waiting as WaitingNote[], expireAfterMs }
}

/** `{"conversations":["bob.eth",…]}`. */
export function encodeRoot({ conversations, hidden = [] }: ChatRoot): Uint8Array {
  return b4a.from(stableJson({ conversations, ...(hidden.length > 0 ? { hidden } : {}) }))
}

/** Throws `CHAT_CONTAINER_DAMAGED` where `bytes` are no root. */
export function decodeRoot(key: string, bytes: Uint8Array): ChatRoot {
  const { conversations, hidden = [] } = parsed(key, bytes)
  if (!isTexts(conversations) || !isTexts(hidden)) throw notThis(key)
  return { conversations, hidden }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function parsed(key: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return Object(JSON.parse(b4a.toString(bytes))) as Record<string, unknown>
  } catch (cause) {
    throw containerDamaged(key, 'it holds no JSON', cause)
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function notThis(key: string): Error {
  return containerDamaged(key, 'its content is not what is stored under this key')
}
