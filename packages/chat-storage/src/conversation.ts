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
  /** For how many milliseconds messages are, by contact; also where there are none now. */
  readonly expireAfterMs?: ReadonlyMap<string, number> | undefined
}

/** `{"chunks":[{"id":0,"timestamp":0},…],"counts":[…]}`, with the counts of all chunks but the last. */
export function encodeConversation({ chunks, waiting = [] }: Conversation): Uint8Array {
  const identifiers = chunks.map(({ id, timestamp }) => ({ id, timestamp }))
  const counts = chunks.slice(0, -1).map(({ count }) => count)
  return b4a.from(
    stableJson({
      chunks: identifiers,
      ...(counts.length > 0 ? { counts } : {}),
      ...(waiting.length > 0 ? { waiting } : {}),
    }),
  )
}

/** Throws `CHAT_CONTAINER_DAMAGED` where `bytes` are no conversation. */
export function decodeConversation(key: string, bytes: Uint8Array): Conversation {
  const { chunks, counts = [], waiting = [] } = parsed(key, bytes)
  if (!Array.isArray(chunks) || !Array.isArray(counts)) throw notThis(key)
  if (!Array.isArray(waiting)) throw notThis(key)
  const listed = chunks.map((chunk: unknown, place): ListedChunk => {
    const { id, timestamp } = Object(chunk) as Partial<ChunkIdentifier>
    if (!isCount(id) || !isCount(timestamp)) throw notThis(key)
    const count: unknown = counts[place]
    if (count !== undefined && !isCount(count)) throw notThis(key)
    return { id, timestamp, count }
  })
  if (listed.length === 0) throw notThis(key)
  return { chunks: listed, waiting: waiting as WaitingNote[] }
}

/** `{"conversations":["bob.eth",…]}`. */
export function encodeRoot({ conversations, hidden = [], expireAfterMs }: ChatRoot): Uint8Array {
  const expiring = Object.fromEntries(expireAfterMs ?? [])
  return b4a.from(
    stableJson({
      conversations,
      ...(hidden.length > 0 ? { hidden } : {}),
      ...(Object.keys(expiring).length > 0 ? { expireAfterMs: expiring } : {}),
    }),
  )
}

/** Throws `CHAT_CONTAINER_DAMAGED` where `bytes` are no root. */
export function decodeRoot(key: string, bytes: Uint8Array): ChatRoot {
  const { conversations, hidden = [], expireAfterMs = {} } = parsed(key, bytes)
  if (!isTexts(conversations) || !isTexts(hidden) || !isCounts(expireAfterMs)) throw notThis(key)
  return { conversations, hidden, expireAfterMs: new Map(Object.entries(expireAfterMs)) }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isCount)
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
