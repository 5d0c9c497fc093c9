import { annotate } from './annotate.ts'
import { atMost } from './at-most.ts'
import {
  type AttachmentNames,
  attachmentOf,
  type ChatAttachment,
  parseAttachment,
} from './attachment-reference.ts'
import type { AttachmentContent } from './attachment-pieces.ts'
import type { AttachmentStore } from './attachment-store.ts'
import type { ChangeOptions, WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import type { MessageReference } from './chat-position.ts'
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
import type { MessageWriter } from './message-writer.ts'
import { type AddedMessage, OwnMessages } from './own-messages.ts'
import type { ConversationEdit } from './conversation-edit.ts'
import { type Expiry, laterOf } from './expiry.ts'
import type { MessageNote } from './stored-state.ts'
import type { Turns } from './turns.ts'
import type { Upkeep } from './upkeep.ts'
import { wordQuery } from './words.ts'

/** Nothing of what such a change takes away is left in what is stored. */
const FORGET = { previous: 'forget' } as const

/** What a chat is made of. */
export interface ChatParts {
  readonly account: string
  readonly mode: ChatMode
  readonly book: ChatBook
  readonly turns: Turns
  readonly limits: MessageLimits
  readonly writer: MessageWriter
  readonly expiry: Expiry
  readonly attachments: AttachmentStore
  /** Absent where somebody else writes. */
  readonly upkeep: Upkeep | undefined
  /** Throws when the chat is closed. */
  readonly assertOpen: () => void
}

/**
 * The conversations of one account. Contacts are named as anybody writes them: `BOB.eth` is `bob.eth`.
 *
 * Every method throws `CHAT_CLOSED` after the chat was closed, and what its backend throws.
 */
export class Chat extends OwnMessages {
  /** The account's name, normalised. */
  readonly account: string
  /** How the keys of containers are made. */
  readonly mode: ChatMode
  readonly #book: ChatBook
  readonly #turns: Turns
  readonly #reader: MessageReader
  readonly #search: MessageSearch
  readonly #limits: MessageLimits
  readonly #expiry: Expiry
  readonly #upkeep: Upkeep | undefined
  readonly #attachments: AttachmentStore
  readonly #assertOpen: () => void

  constructor({
    account,
    mode,
    book,
    turns,
    limits,
    writer,
    expiry,
    upkeep,
    attachments,
    assertOpen,
  }: ChatParts) {
    super(writer)
    this.account = account
    this.mode = mode
    this.#book = book
    this.#turns = turns
    this.#reader = new MessageReader(book, turns)
    this.#search = new MessageSearch(book, expiry, turns)
    this.#limits = limits
    this.#expiry = expiry
    this.#upkeep = upkeep
    this.#attachments = attachments
    upkeep?.start()
    this.#assertOpen = assertOpen
  }

  /**
   * Stores a message, sent or received, in the conversation with `contact`, wherever its timestamp belongs.
   * The same message again changes nothing, nor does one that was deleted here or what is said about it.
   *
   * Throws `CHAT_MESSAGE_INVALID`, `CHAT_MESSAGE_TOO_LARGE`, `CHAT_TIMESTAMP_INVALID`,
   * `CHAT_TIMESTAMP_AHEAD`, `CHAT_NAME_INVALID`.
   */
  override async addMessage(contact: string, envelope: Envelope): Promise<AddedMessage> {
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

  /**
   * Stores a file that is to be sent, or was received, a part at a time: once, whatever names it has. Messages
   * name it by its `reference`, and it goes, for good, with the last of them; when none ever does, soon after
   * the chat is opened again.
   */
  async attach(
    content: AttachmentContent,
    { name, type, ...wait }: AttachmentNames & WaitOptions = {},
  ): Promise<ChatAttachment> {
    this.#assertOpen()
    const { hash, bytes } = await this.#attachments.write(content, wait)
    return attachmentOf(hash, bytes, { name, type })
  }

  /** The content that a message names so, a part at a time. Throws `CHAT_ATTACHMENT_MISSING`. */
  async *attachment(
    reference: string,
    wait?: WaitOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    this.#assertOpen()
    for await (const part of this.#attachments.read(parseAttachment(reference)?.hash, wait)) {
      this.#assertOpen()
      yield part
    }
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
    this.#upkeep?.start()
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

  protected override assertOpen(): void {
    this.#assertOpen()
  }

  protected override async forgetHistory(contact: string, about: MessageReference): Promise<void> {
    await this.#edit(contact, (edit) => forgetHistory(edit, about), FORGET)
  }

  #edit<T>(
    contact: string,
    work: (edit: ConversationEdit) => Promise<T>,
    options?: ChangeOptions,
  ): Promise<T> {
    return this.#change(async () => {
      const result = await this.#book.edit(async (editOf) => work(await editOf(contact)), options)
      await this.#upkeep?.look(contact)
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
