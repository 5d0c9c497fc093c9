import type { WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import type { ChatPosition } from './chat-position.ts'
import { comparePositions } from './chat-record.ts'
import type { Conversation, ListedChunk } from './conversation.ts'
import { type Expiry, laterOf } from './expiry.ts'
import { merged } from './merged.ts'
import { recordAt } from './message-pages.ts'
import { isNote } from './message-state.ts'
import { assertLimit, FIRST_POSITION, LAST_POSITION, positionOf } from './message-query.ts'
import { type ChatMessage, viewOf } from './message-view.ts'
import { wordsOf } from './message-words.ts'
import type { Turns } from './turns.ts'
import { placeOfKey, wordsPlace } from './word-index.ts'
import { isMeant, type WordQuery } from './words.ts'

/** Where words are searched for. */
export interface SearchOptions extends WaitOptions {
  /** Only in the conversation with this contact; default all that are not hidden. */
  readonly contact?: string | undefined
  /** Only messages from this timestamp, or this message, on. */
  readonly from?: number | ChatPosition | undefined
  /** Only messages before this timestamp, or before this message: the last one found gives the next page. */
  readonly to?: number | ChatPosition | undefined
  /** How many at most; default all. */
  readonly limit?: number | undefined
  /** Also in conversations that are hidden; default false, and true where a contact is given. */
  readonly hidden?: boolean | undefined
}

/** A message that was searched for. */
export interface FoundMessage extends ChatMessage {
  /** The contact's name, normalised. */
  readonly contact: string
}

/** From `from` on, up to and without `to`. */
export interface SearchRange {
  readonly from: ChatPosition
  readonly to: ChatPosition
  readonly limit: number
}

/** Takes the options apart. Throws a TypeError for what makes no sense. */
export function searchRange({ from, to, limit = Infinity }: SearchOptions): SearchRange {
  assertLimit(limit)
  return {
    from: from === undefined ? FIRST_POSITION : positionOf(from),
    to: to === undefined ? LAST_POSITION : positionOf(to),
    limit,
  }
}

/** Whether a place is within a range. */
export function isWithin(place: ChatPosition, { from, to }: Omit<SearchRange, 'limit'>): boolean {
  return comparePositions(from, place) <= 0 && comparePositions(place, to) < 0
}

/** Where a message is that was found; `hash`: the beginning of its hash. */
export interface FoundPlace extends ChatPosition {
  readonly contact: string
}

/** Finds messages by their words, a chunk at a time, each in a turn of its own. */
export class MessageSearch {
  readonly #book: ChatBook
  readonly #expiry: Expiry
  readonly #turns: Turns

  constructor(book: ChatBook, expiry: Expiry, turns: Turns) {
    this.#book = book
    this.#expiry = expiry
    this.#turns = turns
  }

  /** What is meant, newest first, and by contact where messages are equal. Messages are read as they are given. */
  async *found(
    contacts: readonly string[],
    query: WordQuery,
    range: SearchRange,
    wait?: WaitOptions,
  ): AsyncGenerator<FoundMessage, void, undefined> {
    const places = contacts.map((contact) => this.#places(contact, query, range, wait))
    for await (const place of merged(places, newestFirst, ([first]) => first as FoundPlace)) {
      const record = await this.#turns.run(() => recordAt(this.#book, place.contact, place, wait))
      // It may have been edited or deleted since.
      if (record === undefined || !isMeant(query, wordsOf(record))) continue
      yield { contact: place.contact, ...viewOf(record) }
    }
  }

  // What changes meanwhile shows from the next chunk on.
  async *#places(
    contact: string,
    query: WordQuery,
    { from, to }: SearchRange,
    wait: WaitOptions | undefined,
  ): AsyncGenerator<FoundPlace, void, undefined> {
    const visited = new VisitedChunks()
    for (let end = wordsPlace(to); ; ) {
      const page = await this.#turns.run(async () => {
        const { chunks } = (await this.#book.conversation(contact, wait)) ?? NONE
        const living = await this.#expiry.livingFrom(contact, wait)
        const begin = wordsPlace(laterOf(from, living))
        const listed = visited.next(chunks, end)
        if (listed === undefined) return undefined
        const meant = await this.#meant(contact, listed, query, wait)
        const places = meant.filter((place) => isWithin(place, { from: begin, to: end }))
        places.sort((a, b) => comparePositions(b, a))
        return { places, isLast: listed.timestamp < begin.timestamp }
      })
      for (const place of page?.places ?? []) {
        yield { contact, ...place }
        end = place
      }
      if (page?.isLast !== false) return
    }
  }

  // Messages are read only where their chunk's words are not kept.
  async #meant(
    contact: string,
    listed: ListedChunk,
    query: WordQuery,
    wait: WaitOptions | undefined,
  ): Promise<ChatPosition[]> {
    const lines = await this.#book.words(contact, listed, wait)
    if (lines === undefined) {
      const { records } = await this.#book.chunk(contact, listed, wait)
      const shown = records.filter((record) => !isNote(record))
      return shown.filter((record) => isMeant(query, wordsOf(record))).map(wordsPlace)
    }
    const meant: ChatPosition[] = []
    for (const [key, words] of lines) if (isMeant(query, words)) meant.push(placeOfKey(key))
    return meant
  }
}

const NONE: Conversation = { chunks: [] }

/** The order of what is found. */
export function newestFirst(a: FoundPlace, b: FoundPlace): number {
  return comparePositions(b, a) || (a.contact < b.contact ? -1 : a.contact > b.contact ? 1 : 0)
}

/** Which chunks of a conversation were looked at, newest first, while the conversation may change. */
class VisitedChunks {
  #timestamp = Infinity
  readonly #ids = new Set<number>()

  /** The newest of those that were not, and may have messages before `end`. */
  next(chunks: readonly ListedChunk[], end: ChatPosition): ListedChunk | undefined {
    const left = chunks.filter(
      ({ id, timestamp }) =>
        timestamp <= end.timestamp &&
        (timestamp < this.#timestamp || (timestamp === this.#timestamp && !this.#ids.has(id))),
    )
    const next = left.at(-1)
    if (next === undefined) return undefined
    if (next.timestamp !== this.#timestamp) this.#ids.clear()
    this.#timestamp = next.timestamp
    this.#ids.add(next.id)
    return next
  }
}
