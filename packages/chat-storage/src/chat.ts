import { annotate } from './annotate.ts'
import { atMost } from './at-most.ts'
import type { ChangeOptions, WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import type { ChatPosition, MessageReference } from './chat-position.ts'
import { type ChatRecord, comparePositions } from './chat-record.ts'
import { normalizedName } from './contact-name.ts'
import type { ChatMode } from './container-key.ts'
import {
  type ConversationsOptions,
  type ListedConversation,
  listedConversations,
} from './listed-conversation.ts'
import type { Envelope } from './message.ts'
import type { MessageLimits } from './message-limits.ts'
import { messageQuery, type MessagesOptions } from './message-query.ts'
import { MessageReader } from './message-reader.ts'
import { forgetHistory, removeMessage } from './message-removal.ts'
import {
  type FoundMessage,
  MessageSearch,
  type SearchOptions,
  searchRange,
} from './message-search.ts'
import { type ChatMessage, viewOf } from './message-view.ts'
import type {
  EditMessageOptions,
  MessageDraft,
  MessageWriter,
  SendOptions,
  WrittenMessage,
} from './message-writer.ts'
import type { ConversationEdit } from './conversation-edit.ts'
import { type Expiry, laterOf } from './expiry.ts'
import type { ExpiryTimer } from './expiry-timer.ts'
import type { MessageNote } from './stored-state.ts'
import type { Turns } from './turns.ts'
import { wordQuery } from './words.ts'

/** Nothing of what such a change takes away is left in what is stored. */
const FORGET = { previous: 'forget' } as const

/** What adding a message came to. */
export interface AddedMessage extends ChatPosition {
  /** False when the same message, by its hash, was there already, or is not to be: deleted, or expired. */
  readonly isNew: boolean
}

/** What a chat is made of. */
export interface ChatParts {
  readonly account: string
  readonly mode: ChatMode
  readonly book: ChatBook
  readonly turns: Turns
  readonly limits: MessageLimits
  readonly writer: MessageWriter
  readonly expiry: Expiry
  /** Absent where somebody else writes. */
  readonly timer: ExpiryTimer | undefined
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
  readonly #search: MessageSearch
  readonly #limits: MessageLimits
  readonly #writer: MessageWriter
  readonly #expiry: Expiry
  readonly #timer: ExpiryTimer | undefined
  readonly #assertOpen: () => void

  constructor({
    account,
    mode,
    book,
    turns,
    limits,
    writer,
    expiry,
    timer,
    assertOpen,
  }: ChatParts) {
    this.account = account
    this.mode = mode
    this.#book = book
    this.#turns = turns
    this.#reader = new MessageReader(book, turns)
    this.#search = new MessageSearch(book, expiry, turns)
    this.#limits = limits
    this.#writer = writer
    this.#expiry = expiry
    this.#timer = timer
    timer?.start()
    this.#assertOpen = assertOpen
  }

  /**
   * Stores a message, sent or received, in the conversation with `contact`, wherever its timestamp belongs.
   * The same message again changes nothing, nor does one that was deleted here or what is said about it.
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
    const records = envelopes.map((envelope) => this.#limits.record(envelope))
    const sorted = [...records].sort(comparePositions)
    const fresh = await this.#edit(name, async (edit) => {
      const added = await edit.add(await this.#admitted(name, sorted))
      await annotate(edit, added)
      return new Set(added)
    })
    return records.map((record) => ({
      timestamp: record.timestamp,
      hash: record.hash,
      isNew: fresh.has(record),
    }))
  }

  /** The conversations that have messages, by contact. */
  async *conversations(
    options: ConversationsOptions = {},
  ): AsyncGenerator<ListedConversation, void, undefined> {
    this.#assertOpen()
    const root = await this.#turns.run(() => this.#book.root(options))
    for (const conversation of listedConversations(root, options)) {
      this.#assertOpen()
      yield conversation
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
    const name = normalizedName(contact)
    const query = messageQuery(options)
    const { signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    const living = await this.#turns.run(() => this.#expiry.livingFrom(name, wait))
    const from = laterOf(query.from, living)
    for await (const record of this.#reader.records(name, { ...query, from }, wait)) {
      this.#assertOpen()
      yield viewOf(record)
    }
  }

  /**
   * The messages that have all words of `text`, newest first; its last word may be unfinished. A message's text
   * counts as it was last edited. Words are compared without case and accents, in any language.
   */
  async *search(
    text: string,
    options: SearchOptions = {},
  ): AsyncGenerator<FoundMessage, void, undefined> {
    this.#assertOpen()
    const query = wordQuery(text)
    const range = searchRange(options)
    const { contact, hidden, signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    const root = await this.#turns.run(() => this.#book.root(wait))
    const contacts =
      contact === undefined
        ? Array.from(listedConversations(root, { hidden }), (listed) => listed.contact)
        : [normalizedName(contact)]
    const found = this.#search.found(contacts, query, range, wait)
    for await (const message of atMost(found, range.limit)) {
      this.#assertOpen()
      yield message
    }
  }

  /** How many messages a conversation has, of all types: out of its list of chunks and its newest chunk. */
  async count(contact: string, wait?: WaitOptions): Promise<number> {
    this.#assertOpen()
    const name = normalizedName(contact)
    return this.#turns.run(() => this.#book.count(name, wait))
  }

  /**
   * What messages of a conversation say about ones that are not here, by the hashes of those: another device
   * may have them (see `ChatDevices`).
   */
  async waitingNotes(
    contact: string,
    wait?: WaitOptions,
  ): Promise<ReadonlyMap<string, readonly MessageNote[]>> {
    this.#assertOpen()
    const name = normalizedName(contact)
    return this.#turns.run(() => this.#book.waitingNotes(name, wait))
  }

  /** Tells whether a message of a conversation was deleted here, or is about one that was. */
  async deleted(
    contact: string,
    wait?: WaitOptions,
  ): Promise<(message: Pick<ChatMessage, 'envelope' | 'hash'>) => boolean> {
    this.#assertOpen()
    const name = normalizedName(contact)
    const deleted = await this.#turns.run(() => this.#book.deleted(wait))
    return (message) => deleted.concerns(name, message)
  }

  /** Writes a message to a contact and stores it; sending it is the caller's. Throws as {@link addMessage}. */
  send(contact: string, text: string, { attachments }: SendOptions = {}): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'NEW', text, attachments })
  }

  /** As {@link send}, in reply to a message. */
  reply(
    contact: string,
    about: MessageReference,
    text: string,
    { attachments }: SendOptions = {},
  ): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'REPLY', about, text, attachments })
  }

  /** Writes a reaction to a message, such as an emoji; the newest counts, and an empty one takes it back. */
  react(contact: string, about: MessageReference, reaction: string): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'REACTION', about, text: reaction })
  }

  /** Writes that a message was received, or opened. */
  receipt(
    contact: string,
    about: MessageReference,
    type: 'READ_RECEIVED' | 'READ_OPENED' = 'READ_OPENED',
  ): Promise<WrittenMessage> {
    return this.#write(contact, { type, about })
  }

  /** Asks the contact to delete a message of one's own. */
  requestDelete(contact: string, about: MessageReference): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'DELETE_REQUEST', about })
  }

  /**
   * Gives a message of one's own another text. `history: 'forget'` takes every earlier text out of what is
   * stored; the default keeps them, as the messages that they were.
   */
  async edit(
    contact: string,
    about: MessageReference,
    text: string,
    { history = 'keep' }: EditMessageOptions = {},
  ): Promise<WrittenMessage> {
    const written = await this.#write(contact, { type: 'EDIT', about, text })
    if (history === 'forget') {
      await this.#edit(
        written.envelope.message.metadata.to,
        (edit) => forgetHistory(edit, about),
        FORGET,
      )
    }
    return written
  }

  /** Takes a message out of what is stored, for good; false when it was not there. */
  delete(contact: string, message: MessageReference): Promise<boolean> {
    return this.#edit(normalizedName(contact), (edit) => removeMessage(edit, message), FORGET)
  }

  /** Leaves a conversation out of {@link conversations}, or shows it again. */
  async hide(
    contact: string,
    { hidden = true }: { readonly hidden?: boolean } = {},
  ): Promise<void> {
    const setting = { contact: normalizedName(contact), isHidden: hidden }
    await this.#change(() => this.#book.edit(async () => undefined, { setting }))
  }

  /**
   * Lets messages of a conversation live so many milliseconds; undefined: for ever. What is older is not
   * shown any more, and is taken away for good in the background, at the next open if need be. It holds for
   * messages to come, also when there are none now.
   */
  async expireAfter(contact: string, ms: number | undefined): Promise<void> {
    if (ms !== undefined && !(Number.isSafeInteger(ms) && ms >= 0)) {
      throw new TypeError('expireAfter takes a whole number of milliseconds, or undefined')
    }
    const setting = { contact: normalizedName(contact), expireAfterMs: ms ?? Infinity }
    await this.#change(() => this.#book.edit(async () => undefined, { setting }))
    this.#timer?.start()
  }

  /** Does now what is done in the background: see {@link expireAfter}; resolves with how many messages. */
  async expire(): Promise<number> {
    let removed = 0
    for (;;) {
      const some = await this.#change(() => this.#expiry.step())
      if (some === 0) return removed
      removed += some
    }
  }

  async #write(contact: string, draft: Omit<MessageDraft, 'to'>): Promise<WrittenMessage> {
    this.#assertOpen()
    const to = normalizedName(contact)
    const envelope = await this.#writer.write({ ...draft, to })
    const { timestamp, hash } = await this.addMessage(to, envelope)
    return { timestamp, hash, envelope }
  }

  #edit<T>(
    contact: string,
    work: (edit: ConversationEdit) => Promise<T>,
    options?: ChangeOptions,
  ): Promise<T> {
    return this.#change(async () => {
      const result = await this.#book.edit(async (editOf) => work(await editOf(contact)), options)
      await this.#timer?.look(contact)
      return result
    })
  }

  /** Those of `records` that may be stored. */
  async #admitted(contact: string, records: readonly ChatRecord[]): Promise<readonly ChatRecord[]> {
    const deleted = await this.#book.deleted()
    const living = await this.#expiry.living(contact, records)
    return living.filter((record) => !deleted.concerns(contact, record))
  }

  async #change<T>(work: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    return this.#turns.run(work)
  }
}
