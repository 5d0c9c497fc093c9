import b4a from 'b4a'
import { ChatRecord, comparePositions } from './chat-record.ts'
import { containerDamaged } from './chat-errors.ts'

const BEFORE = '{"messages":['
const AFTER = ']}'

/** The messages of a chunk, in order; at least one where it is stored. */
export interface ChunkContent {
  readonly records: readonly ChatRecord[]
  /** Bytes of their JSON and of the commas between them: what `chunkBytesMax` bounds. */
  readonly bytes: number
}

/** The content with these messages, which are in order. */
export function contentOf(records: readonly ChatRecord[]): ChunkContent {
  let bytes = Math.max(0, records.length - 1)
  for (const record of records) bytes += record.bytes
  return { records, bytes }
}

/** Messages as a piece of a chunk's container holds them: `{"messages":[…]}`. */
export function encodeMessages(records: readonly ChatRecord[]): Uint8Array {
  return b4a.from(BEFORE + records.map(({ json }) => json).join(',') + AFTER)
}

/**
 * The chunk that the pieces of the container `key` make together. Throws `CHAT_CONTAINER_DAMAGED` where
 * they are no chunk.
 */
export function decodeMessages(key: string, pieces: readonly Uint8Array[]): ChunkContent {
  const records: ChatRecord[] = []
  let bytes = pieces.length - 1
  for (const piece of pieces) {
    bytes += piece.byteLength - BEFORE.length - AFTER.length
    for (const envelope of messagesOf(key, piece)) records.push(stored(key, envelope))
  }
  if (records.length === 0) throw containerDamaged(key, 'it has no message')
  return pieces.length === 1 ? { records, bytes } : settled(records, bytes)
}

// What was added later may belong before what was there, or take the place of it.
function settled(records: readonly ChatRecord[], bytes: number): ChunkContent {
  const sorted = [...records].sort(comparePositions)
  const kept: ChatRecord[] = []
  let keptBytes = bytes
  for (const record of sorted) {
    const last = kept.at(-1)
    if (last !== undefined && isSame(last, record)) {
      kept.pop()
      keptBytes -= last.bytes + 1
    }
    kept.push(record)
  }
  return { records: kept, bytes: keptBytes }
}

function messagesOf(key: string, piece: Uint8Array): readonly unknown[] {
  try {
    const { messages } = JSON.parse(b4a.toString(piece)) as { messages?: unknown }
    if (Array.isArray(messages)) return messages
  } catch (cause) {
    throw containerDamaged(key, 'it holds no JSON', cause)
  }
  throw containerDamaged(key, 'it is no chunk')
}

function stored(key: string, envelope: unknown): ChatRecord {
  try {
    return ChatRecord.stored(envelope)
  } catch (cause) {
    throw containerDamaged(key, 'one of its messages is none', cause)
  }
}

/** Two lists in order as one, and those of `added` that `records` did not have. */
export function mergeRecords(
  records: readonly ChatRecord[],
  added: readonly ChatRecord[],
): { readonly merged: readonly ChatRecord[]; readonly fresh: readonly ChatRecord[] } {
  const merged: ChatRecord[] = []
  const fresh: ChatRecord[] = []
  let next = 0
  for (const record of added) {
    while (next < records.length && comparePositions(records[next] as ChatRecord, record) < 0) {
      merged.push(records[next++] as ChatRecord)
    }
    if (isSame(records[next], record) || isSame(fresh.at(-1), record)) continue
    merged.push(record)
    fresh.push(record)
  }
  for (; next < records.length; next++) merged.push(records[next] as ChatRecord)
  return { merged, fresh }
}

function isSame(one: ChatRecord | undefined, other: ChatRecord): boolean {
  return one !== undefined && comparePositions(one, other) === 0
}

/**
 * Cuts the content of a chunk that has become too large into several that are not. `fill`: each as full as
 * can be, for the newest chunk, behind which the conversation goes on; else evenly, so that there is room
 * for what comes late. A message that is larger than `bytesMax` is alone in its chunk.
 */
export function splitContent(
  { records, bytes }: ChunkContent,
  bytesMax: number,
  { fill }: { readonly fill: boolean },
): readonly ChunkContent[] {
  const target = fill ? bytesMax : bytes / Math.ceil(bytes / bytesMax)
  const parts: ChunkContent[] = []
  let part: ChatRecord[] = []
  let partBytes = -1
  for (const record of records) {
    const full = partBytes + 1 + record.bytes > bytesMax
    if (part.length > 0 && (full || partBytes >= target)) {
      parts.push({ records: part, bytes: partBytes })
      part = []
      partBytes = -1
    }
    part.push(record)
    partBytes += 1 + record.bytes
  }
  parts.push({ records: part, bytes: partBytes })
  return parts
}
