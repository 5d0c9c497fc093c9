import type { WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import { chatError } from './chat-errors.ts'
import { type ChatPosition, ChatRecord, comparePositions } from './chat-record.ts'
import { normalizedName } from './contact-name.ts'
import type { ChatMode } from './container-key.ts'
import type { Envelope } from './message.ts'
import { messageQuery, type MessagesOptions } from './message-query.ts'
import { MessageReader } from './message-reader.ts'
import type { Turns } from './turns.ts'

/** A stored message. */
export interface ChatMessage extends ChatPosition {
  /** The hash by which it is known: see `messageHash`. */
  readonly hash: string
  /** The message as it was added, decrypted. It is shared: do not change it. */
  readonly envelope: Envelope
}

/** What adding a message came to. */
export interface AddedMessage extends ChatPosition {
  /** False when the same message, by its hash, was there already. */
  readonly isNew: boolean
}

/** One of the conversations of an account. */
export interface ListedConversation {
  /** The contact's name, normalised. */
  readonly contact: string
}

/** Which conversations. */
export interface ConversationsOptions extends WaitOptions {
  /** How many at most; default all. */
  readonly limit?: number | undefined
  /** A contact's name: only those behind it. */
  readonly cursor?: string | undefined
}

/** What a chat allows. */
export interface ChatLimits {
  readonly messageBytesMax: number
  readonly maxFutureMs: number | undefined
}

/** What a chat is made of. */
export interface ChatParts {
  readonly account: string
  readonly mode: ChatMode
  readonly book: ChatBook
  readonly turns: Turns
  readonly limits: ChatLimits
  /** Throws when the chat is closed. */
  readonly assertOpen: () => void
}

/**
 * The conversations of one account. Contacts are named as anybody writes them: `BOB.eth` is `bob.eth`.
 *
 * Every method throws `CHAT_CLOSED` after the chat was closed, and what its backend throws.
 */
export class Chat {
  /** The account's name, normalised. */
  readonly account: string
  /** How the keys of containers are made. */
  readonly mode: ChatMode
  readonly #book: ChatBook
  readonly #turns: Turns
  readonly #reader: MessageReader
  readonly #limits: ChatLimits
  readonly #assertOpen: () => void

  constructor({ account, mode, book, turns, limits, assertOpen }: ChatParts) {
    this.account = account
    this.mode = mode
    this.#book = book
    this.#turns = turns
    this.#reader = new MessageReader(book, turns)
    this.#limits = limits
    this.#assertOpen = assertOpen
  }

  /**
   * Stores a message, sent or received, in the conversation with `contact`, wherever its timestamp belongs.
   * The same message again changes nothing.
   *
   * Throws `CHAT_MESSAGE_INVALID`, `CHAT_MESSAGE_TOO_LARGE`, `CHAT_TIMESTAMP_INVALID`,
   * `CHAT_TIMESTAMP_AHEAD`, `CHAT_NAME_INVALID`.
   */
  async addMessage(contact: string, envelope: Envelope): Promise<AddedMessage> {
    const [added] = await this.addMessages(contact, [envelope])
    return added as AddedMessage
  }

  /** Stores messages, in any order, all or none of them. Throws as {@link addMessage}. */
  async addMessages(contact: string, envelopes: readonly Envelope[]): Promise<AddedMessage[]> {
    const name = normalizedName(contact)
    const records = envelopes.map((envelope) => this.#record(envelope))
    const fresh = await this.#change(() =>
      this.#book.edit(async (editOf) => {
        if (records.length === 0) return new Set<ChatRecord>()
        return new Set(await (await editOf(name)).add([...records].sort(comparePositions)))
      }),
    )
    return records.map((record) => ({
      timestamp: record.timestamp,
      hash: record.hash,
      isNew: fresh.has(record),
    }))
  }

  /** The conversations that have messages, by contact. */
  async *conversations({
    limit = Infinity,
    cursor,
    ...wait
  }: ConversationsOptions = {}): AsyncGenerator<ListedConversation, void, undefined> {
    this.#assertOpen()
    const after = cursor === undefined ? undefined : normalizedName(cursor)
    const { conversations } = await this.#turns.run(() => this.#book.root(wait))
    const wanted = conversations.filter((contact) => after === undefined || contact > after)
    for (const contact of wanted.slice(0, limit)) {
      this.#assertOpen()
      yield { contact }
    }
  }

  /**
   * The messages of a conversation, of the newest chunk that has any first, or the oldest; none where there
   * is no such conversation. What is found through the list of chunks alone is not searched for.
   */
  async *messages(
    contact: string,
    options: MessagesOptions = {},
  ): AsyncGenerator<ChatMessage, void, undefined> {
    this.#assertOpen()
    const query = messageQuery(options)
    const { signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    for await (const { timestamp, hash, envelope } of this.#reader.records(
      normalizedName(contact),
      query,
      wait,
    )) {
      this.#assertOpen()
      yield { timestamp, hash, envelope }
    }
  }

  /** How many messages a conversation has, of all types: out of its list of chunks and its newest chunk. */
  async count(contact: string, wait?: WaitOptions): Promise<number> {
    this.#assertOpen()
    const name = normalizedName(contact)
    return this.#turns.run(() => this.#book.count(name, wait))
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    return this.#turns.run(work)
  }

  #record(envelope: Envelope): ChatRecord {
    const record = ChatRecord.of(envelope)
    const { messageBytesMax, maxFutureMs } = this.#limits
    if (record.bytes > messageBytesMax) {
      throw chatError(
        'CHAT_MESSAGE_TOO_LARGE',
        `a message of ${record.bytes} bytes is over the limit of ${messageBytesMax}; shorten it, or attach what is large`,
        { details: { bytes: record.bytes, limit: messageBytesMax } },
      )
    }
    if (maxFutureMs !== undefined && record.timestamp > Date.now() + maxFutureMs) {
      throw chatError(
        'CHAT_TIMESTAMP_AHEAD',
        `the timestamp of a message is more than ${maxFutureMs} ms ahead of this clock; check both clocks`,
        { details: { timestamp: record.timestamp } },
      )
    }
    return record
  }
}
