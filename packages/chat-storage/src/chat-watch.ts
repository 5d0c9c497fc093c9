import { setTimeout } from 'node:timers/promises'
import { isDatagramError } from '@datagram/errors'
import type { ChatBook } from './chat-book.ts'
import type { ChangeQueue, ContactChange } from './change-queue.ts'
import type { ChatChange, WatchOptions } from './chat-change.ts'
import { noteOf } from './message-state.ts'
import { recordAt } from './message-pages.ts'
import { type ChatMessage, viewOf } from './message-view.ts'
import type { MessageNote } from './stored-state.ts'
import type { Turns } from './turns.ts'
import { WatchedConversation } from './watched-conversation.ts'

type ChangeResult = IteratorResult<ChatChange, undefined>

/** What is watched. */
export interface WatchParts {
  readonly book: ChatBook
  readonly turns: Turns
  /** Aborted when the chat closes. */
  readonly signal: AbortSignal
  /** Normalised; undefined: all. */
  readonly contact: string | undefined
}

const NOT_HERE = ['BLOCK_UNAVAILABLE', 'WAIT_TIMEOUT']
const RETRY_MS = 1000
const CHANGE_TYPES = {
  EDIT: 'edited',
  REACTION: 'reaction',
  READ_OPENED: 'receipt',
  READ_RECEIVED: 'receipt',
  DELETE_REQUEST: 'delete-requested',
} as const
type NoteType = keyof typeof CHANGE_TYPES

/** The changes of a chat from the call on; see `Chat.watch`. Its `return` also ends a `next` that waits. */
export class ChatWatch implements AsyncIterableIterator<ChatChange, undefined> {
  readonly #parts: WatchParts
  readonly #stopped = new AbortController()
  readonly #signal: AbortSignal
  readonly #queue: ChangeQueue
  readonly #changes: AsyncGenerator<ChatChange, undefined, undefined>

  constructor(parts: WatchParts, { signal }: WatchOptions) {
    this.#parts = parts
    const signals = [parts.signal, this.#stopped.signal, ...(signal ? [signal] : [])]
    this.#signal = AbortSignal.any(signals)
    this.#queue = parts.book.changed.open(parts.contact)
    const news = parts.book.news(this.#signal)
    if (news === undefined) this.#changes = this.#given(this.#own())
    else {
      const seen = new Map<string, WatchedConversation>()
      const looked = this.#whenHere(() => this.#look(seen, []))
      // Whoever asks for the first change hears of it.
      looked.catch(() => undefined)
      this.#changes = this.#given(this.#others(news, seen, looked))
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<ChangeResult> {
    try {
      return await this.#changes.next()
    } catch (error) {
      this.#queue.close()
      if (this.#stopped.signal.aborted) return { done: true, value: undefined }
      throw this.#signal.aborted ? this.#signal.reason : error
    }
  }

  async return(): Promise<ChangeResult> {
    this.#stopped.abort()
    this.#queue.close()
    await this.#changes.return(undefined)
    return { done: true, value: undefined }
  }

  /** What is written here. */
  async *#own(): AsyncGenerator<readonly ContactChange[], undefined, undefined> {
    for (;;) yield await this.#queue.take(this.#signal)
  }

  /** What somebody else writes, as it arrives. */
  async *#others(
    news: AsyncIterable<void>,
    seen: Map<string, WatchedConversation>,
    looked: Promise<void>,
  ): AsyncGenerator<readonly ContactChange[], undefined, undefined> {
    await looked
    for await (const _ of news) {
      const changes: ContactChange[] = []
      await this.#whenHere(() => this.#look(seen, changes))
      yield changes
    }
    return undefined
  }

  async #look(seen: Map<string, WatchedConversation>, changes: ContactChange[]): Promise<void> {
    const { book, contact } = this.#parts
    const wait = { signal: this.#signal }
    const { conversations } = await book.root(wait)
    // Those that are gone have changed too.
    const contacts = contact === undefined ? new Set([...seen.keys(), ...conversations]) : [contact]
    for (const name of contacts) {
      const conversation = seen.get(name) ?? new WatchedConversation(book, name)
      for (const change of await conversation.changes(wait)) {
        changes.push({ contact: name, ...change })
      }
      seen.set(name, conversation)
    }
  }

  async *#given(
    places: AsyncIterable<readonly ContactChange[]>,
  ): AsyncGenerator<ChatChange, undefined, undefined> {
    for await (const some of places) {
      for (const place of some) {
        this.#signal.throwIfAborted()
        const change = await this.#whenHere(() => this.#read(place))
        if (change !== undefined) yield change
      }
    }
    return undefined
  }

  // Undefined for what is gone by now: that is a change that comes later.
  async #read({ type, contact, position, about }: ContactChange): Promise<ChatChange | undefined> {
    const { book } = this.#parts
    const wait = { signal: this.#signal }
    if (type === 'deleted') return { type, contact, position }
    const record = await recordAt(book, contact, position, wait)
    if (type === 'added') return record && { type, contact, message: viewOf(record) }
    const target = about && (await recordAt(book, contact, about, wait))
    if (target === undefined) return undefined
    const message = viewOf(target)
    const note = record ? noteOf(record) : forgottenEdit(message, position.hash)
    return note && { type: CHANGE_TYPES[note.type as NoteType], contact, message, note }
  }

  // What is known of already may be on its way, or with a peer that comes back later.
  async #whenHere<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#parts.turns.run(work)
      } catch (error) {
        if (!NOT_HERE.some((code) => isDatagramError(error, code))) throw error
        await setTimeout(RETRY_MS, undefined, { signal: this.#signal, ref: false })
      }
    }
  }
}

// Of an edit that took the history away there is a note of the message alone, and its text is the message's.
function forgottenEdit(message: ChatMessage, edit: string): MessageNote | undefined {
  const note = message.notes.find(({ hash }) => hash === edit)
  return note && { ...note, message: message.text }
}
