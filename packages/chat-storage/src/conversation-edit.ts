import { AttachmentUses } from './attachment-uses.ts'
import type { BackendChange } from './chat-backend.ts'
import { type ChangedPlace, positionOnly } from './chat-change.ts'
import type { ChatPosition, MessageReference } from './chat-position.ts'
import { type ChatRecord, comparePositions, countBefore } from './chat-record.ts'
import {
  type ChunkContent,
  contentOf,
  encodeMessages,
  mergeRecords,
  splitContent,
} from './chunk-content.ts'
import type { ChunkStore, StoredChunk } from './chunk-store.ts'
import { isNote } from './message-state.ts'
import type { Conversation, ListedChunk, WaitingNote } from './conversation.ts'
import type { NextWordsOf } from './word-index.ts'

/** A chunk's container is written anew instead of being appended to when it has so many pieces. */
export const PIECES_MAX = 4096

/** A chunk while its conversation is edited. */
interface DraftChunk extends ListedChunk {
  /** As it is stored; absent while it was not looked at, and where it is new. */
  readonly stored?: StoredChunk | undefined
  /** What it is to hold; absent where it stays as it is. */
  readonly content?: ChunkContent | undefined
  /** The messages that it was given, when it lost none. */
  readonly added?: readonly ChatRecord[] | undefined
}

/** What an edit comes to. */
export interface EditedConversation {
  /** Undefined when no message is left in it. */
  readonly conversation: Conversation | undefined
  /** Changes of chunks. */
  readonly changes: readonly BackendChange[]
  /** Chunks as they are stored once the changes are made. */
  readonly chunks: readonly StoredChunk[]
}

/**
 * Changes of one conversation's messages, worked out on copies: nothing is stored until the caller does it.
 *
 * A message goes into the last chunk that begins before it, or, older than all, into the first. A chunk
 * that becomes too large is cut: the newest is left full and a new one begins, an older one is cut into
 * even parts. The first part keeps the chunk's id, the others get the next ids that nobody has. A chunk
 * without messages is no chunk.
 */
export class ConversationEdit {
  readonly #store: ChunkStore
  readonly #key: string
  readonly #chunkBytesMax: number
  readonly #chunks: DraftChunk[]
  /** What changed, for those who watch. */
  readonly told: ChangedPlace[] = []
  /** Messages about others that are not there yet. */
  waiting: readonly WaitingNote[]
  /** Hashes of messages that were taken away, and are not to come back. */
  readonly deleted: string[] = []
  /** What its messages name as attachments, more than before or less. */
  readonly uses = new AttachmentUses()

  /** `key`: of the conversation; `conversation`: what it is now, if it is there. */
  constructor(
    store: ChunkStore,
    key: string,
    conversation: Conversation | undefined,
    chunkBytesMax: number,
  ) {
    this.#store = store
    this.#key = key
    this.#chunkBytesMax = chunkBytesMax
    this.#chunks = [...(conversation?.chunks ?? [])]
    this.waiting = conversation?.waiting ?? []
  }

  /** Adds messages that are in order; resolves with those that were not there. */
  async add(records: readonly ChatRecord[]): Promise<readonly ChatRecord[]> {
    const added: ChatRecord[] = []
    for (let from = 0; from < records.length; ) {
      const place = await this.#placeOf(records[from] as ChatRecord)
      const next = this.#chunks[place + 1]?.timestamp ?? Infinity
      let to = from + 1
      while (to < records.length && (records[to] as ChatRecord).timestamp < next) to++
      added.push(...(await this.#addTo(place, records.slice(from, to))))
      from = to
    }
    return added
  }

  /** The message at `position`, or undefined. */
  async get(position: ChatPosition): Promise<ChatRecord | undefined> {
    const records = await this.#recordsOf(await this.#placeOf(position))
    const record = records[countBefore(records, position)]
    return record && comparePositions(record, position) === 0 ? record : undefined
  }

  /** The message that is meant, or undefined. Without its timestamp the conversation is looked through. */
  async find({ hash, timestamp }: MessageReference): Promise<ChatRecord | undefined> {
    if (timestamp !== undefined) return this.get({ timestamp, hash })
    for (let place = this.#chunks.length - 1; place >= 0; place--) {
      const found = (await this.#recordsOf(place)).find((record) => record.hash === hash)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The messages that refer to the one with this hash and say something about it. */
  async about(hash: string): Promise<readonly ChatRecord[]> {
    const found: ChatRecord[] = []
    for (const place of this.#chunks.keys()) {
      found.push(...(await this.#recordsOf(place)).filter((record) => refersTo(record, hash)))
    }
    return found
  }

  /** Puts `record` in the place of the message with the same timestamp and hash, if there is room for it. */
  async replace(record: ChatRecord): Promise<boolean> {
    if (record.bytes > this.#chunkBytesMax) return false
    const place = await this.#placeOf(record)
    const records = [...(await this.#recordsOf(place))]
    records[countBefore(records, record)] = record
    const draft = this.#chunks[place]
    const given = draft?.content === undefined ? [] : draft.added
    const parts = this.#parts(contentOf(records), false)
    this.#change(place, parts, parts.length === 1 && given ? [...given, record] : undefined)
    return true
  }

  /** As {@link replace}, or deletes the message at `position`; leaves nothing of what was there. */
  async rewrite(position: ChatPosition, record: ChatRecord | undefined): Promise<void> {
    const place = await this.#placeOf(position)
    const records = [...(await this.#recordsOf(place))]
    const at = countBefore(records, position)
    const before = records.splice(at, 1, ...(record ? [record] : []))
    this.uses.count(before, -1)
    if (record !== undefined) this.uses.count([record], 1)
    else {
      this.deleted.push(position.hash)
      this.#tellGone(before)
    }
    this.#change(place, this.#parts(contentOf(records), false))
  }

  /**
   * Takes away what is older than `timestamp`, in at most so many chunks; resolves with how many messages that
   * were.
   */
  async removeBefore(timestamp: number, chunksMax: number): Promise<number> {
    let removed = 0
    for (let place = 0; place < Math.min(chunksMax, this.#chunks.length); place++) {
      if (this.#timestampOf(place) >= timestamp) break
      const records = await this.#recordsOf(place)
      const gone = countBefore(records, { timestamp, hash: '' })
      removed += gone
      if (gone === 0) continue
      this.uses.count(records.slice(0, gone), -1)
      this.#tellGone(records.slice(0, gone))
      this.#change(place, [contentOf(records.slice(gone))])
    }
    return removed
  }

  /** Says that a message was added. */
  tellAdded(record: ChatRecord): void {
    this.told.push({ type: 'added', position: positionOnly(record) })
  }

  /** Says that `note` says something about `target`. */
  tellNoted(note: ChatRecord, target: ChatPosition): void {
    const about = positionOnly(target)
    this.told.push({ type: 'noted', position: positionOnly(note), about })
  }

  #tellGone(records: readonly ChatRecord[]): void {
    for (const record of records) {
      if (!isNote(record)) this.told.push({ type: 'deleted', position: positionOnly(record) })
    }
  }

  /** What the edit comes to, now that it is complete. */
  async result(): Promise<EditedConversation> {
    const changes: BackendChange[] = []
    const chunks: StoredChunk[] = []
    const listed: ListedChunk[] = []
    for (const [place, draft] of this.#chunks.entries()) {
      const { id, content, stored } = draft
      if (content === undefined) {
        listed.push(place < this.#chunks.length - 1 ? await this.#counted(draft) : draft)
        continue
      }
      const [first] = content.records
      const sealed = first && this.#sealed(draft, { id, timestamp: first.timestamp }, content)
      const ofWords = await this.#store.words.changes(stored, sealed?.stored)
      changes.push(...ofWords.changes)
      if (first !== undefined && sealed !== undefined) {
        const { key, end } = sealed.stored
        changes.push(sealed.change)
        chunks.push({ key, end, ...content, words: ofWords.words })
        listed.push({ id, timestamp: first.timestamp, count: content.records.length })
        if (stored?.key === key) continue
      }
      if (stored !== undefined) changes.push({ type: 'delete', key: stored.key })
    }
    const conversation =
      listed.length === 0
        ? undefined
        : {
            chunks: listed.map(({ id, timestamp, count }) => ({ id, timestamp, count })),
            waiting: this.waiting,
          }
    return { conversation, changes, chunks }
  }

  #sealed(
    { stored, added }: DraftChunk,
    identifier: ListedChunk,
    content: ChunkContent,
  ): { readonly change: BackendChange; readonly stored: StoredChunk & NextWordsOf } {
    const { containers, keys } = this.#store
    const key = keys.chunk(this.#key, identifier)
    const canAppend = containers.appends && stored?.key === key && stored.end.pieces < PIECES_MAX
    if (canAppend && added !== undefined) {
      const { change, end } = containers.append(key, stored.end, encodeMessages(added))
      return { change, stored: { key, end, ...content, appended: added } }
    }
    const { change, end } = containers.put(key, encodeMessages(content.records))
    return { change, stored: { key, end, ...content } }
  }

  // The last chunk that begins at or before the position, else the first.
  async #placeOf(position: ChatPosition): Promise<number> {
    let place = this.#chunks.length - 1
    while (place > 0 && this.#timestampOf(place) > position.timestamp) place--
    // Messages of one timestamp may be in several chunks: then hashes tell.
    while (place > 0 && this.#timestampOf(place) === position.timestamp) {
      const [first] = await this.#recordsOf(place)
      if (first === undefined || comparePositions(first, position) <= 0) break
      place--
    }
    return Math.max(0, place)
  }

  #timestampOf(place: number): number {
    const { content, timestamp } = this.#chunks[place] as DraftChunk
    return content?.records[0]?.timestamp ?? timestamp
  }

  async #recordsOf(place: number): Promise<readonly ChatRecord[]> {
    const draft = this.#chunks[place]
    if (draft === undefined) return []
    return (draft.content ?? (await this.#stored(place))).records
  }

  async #stored(place: number): Promise<StoredChunk> {
    const draft = this.#chunks[place] as DraftChunk
    const stored = draft.stored ?? (await this.#store.load(this.#key, draft))
    this.#chunks[place] = { ...draft, stored }
    return stored
  }

  async #counted(draft: DraftChunk): Promise<ListedChunk> {
    if (draft.count !== undefined) return draft
    const { records } = await this.#store.load(this.#key, draft)
    return { ...draft, count: records.length }
  }

  async #addTo(place: number, records: readonly ChatRecord[]): Promise<readonly ChatRecord[]> {
    const before = await this.#recordsOf(place)
    const { merged, fresh } = mergeRecords(before, records)
    const [first] = fresh
    if (first === undefined) return fresh
    this.uses.count(fresh, 1)
    const last = before.at(-1)
    const isNewest = place >= this.#chunks.length - 1
    const fill = isNewest && (last === undefined || comparePositions(last, first) < 0)
    const parts = this.#parts(contentOf(merged), fill)
    const kept = parts[0]?.records.length ?? 0
    const draft = this.#chunks[place]
    const given = draft?.content === undefined ? [] : draft.added
    const losesNone = fill || parts.length === 1
    const added =
      losesNone && given !== undefined
        ? [...given, ...fresh.slice(0, kept - before.length)]
        : undefined
    this.#change(place, parts, added)
    return fresh
  }

  #parts(content: ChunkContent, fill: boolean): readonly ChunkContent[] {
    if (content.bytes <= this.#chunkBytesMax) return [content]
    return splitContent(content, this.#chunkBytesMax, { fill })
  }

  #change(
    place: number,
    [first, ...others]: readonly ChunkContent[],
    added?: readonly ChatRecord[] | undefined,
  ): void {
    const before = this.#chunks[place]
    let nextId = this.#chunks.reduce((highest, { id }) => Math.max(highest, id), -1) + 1
    const id = before?.id ?? nextId++
    const draft = { ...before, id, timestamp: before?.timestamp ?? 0, content: first, added }
    // A full chunk that was given nothing stays as it is.
    const isUnchanged = before?.content === undefined && added?.length === 0
    const changed = isUnchanged && before !== undefined ? before : draft
    const more = others.map((content) => ({ id: nextId++, timestamp: 0, content }))
    this.#chunks.splice(place, 1, changed, ...more)
  }
}

function refersTo(record: ChatRecord, hash: string): boolean {
  return isNote(record) && record.envelope.message.metadata.referenceMessageHash === hash
}
