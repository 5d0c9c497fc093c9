import { annotate } from './annotate.ts'
import { atMost } from './at-most.ts'
import {
  type AttachmentNames,
  attachmentOf,
  type ChatAttachment,
  parseAttachment,
} from './attachment-reference.ts'
import type { AttachmentContent } from './attachment-pieces.ts'
import type { ChangeOptions, ChatBackend, WaitOptions } from './chat-backend.ts'
import type { CopiedMessages, CopyRange } from './chat-copy.ts'
import type { Closing } from './chat-options.ts'
import type { ChatChange, WatchOptions } from './chat-change.ts'
import type { ChatTools } from './chat-tools.ts'
import type { MessageReference } from './chat-position.ts'
import { type ChatRecord, comparePositions } from './chat-record.ts'
import {
  ChatTransfer,
  type ExportOptions,
  type ImportOptions,
  type OtherChatOptions,
  TRANSFER,
} from './chat-transfer.ts'
import { ChatWatch } from './chat-watch.ts'
import { normalizedName } from './contact-name.ts'
import type { ChatMode } from './container-key.ts'
import {
  type ConversationsOptions,
  type ListedConversation,
  listedConversations,
} from './listed-conversation.ts'
import type { Envelope } from './message.ts'
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
import { laterOf } from './expiry.ts'
import type { MessageNote } from './stored-state.ts'
import { wordQuery } from './words.ts'

/** Nothing of what such a change takes away is left in what is stored. */
const FORGET = { previous: 'forget' } as const

/** What a chat is made of. */
export interface ChatParts extends ChatTools {
  readonly writer: MessageWriter
  /** Aborted when the chat begins to close. */
  readonly signal: AbortSignal
  /** Opens a chat of the account in a backend, with this one's options but for those that are given. */
  readonly open: (options: OtherChatOptions) => Promise<Chat & Closing>
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
  readonly #parts: ChatParts
  readonly #reader: MessageReader
  readonly #search: MessageSearch
  readonly #transfer: ChatTransfer

  constructor(parts: ChatParts) {
    super(parts.writer)
    const { account, mode, book, turns, expiry, upkeep } = parts
    this.account = account
    this.mode = mode
    this.#parts = parts
    this.#reader = new MessageReader(book, turns)
    this.#search = new MessageSearch(book, expiry, turns)
    this.#transfer = new ChatTransfer(parts, async (options) => {
      const opened = await parts.open(options)
      return { transfer: opened[TRANSFER](), close: () => opened.close() }
    })
    upkeep?.start()
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
    const records = envelopes.map((envelope) => this.#parts.limits.record(envelope))
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
    this.#parts.assertOpen()
    const root = await this.#parts.turns.run(() => this.#parts.book.root(options))
    for (const conversation of listedConversations(root, options)) {
      this.#parts.assertOpen()
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
    this.#parts.assertOpen()
    const name = normalizedName(contact)
    const query = messageQuery(options)
    const { signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    const living = await this.#parts.turns.run(() => this.#parts.expiry.livingFrom(name, wait))
    const from = laterOf(query.from, living)
    for await (const record of this.#reader.records(name, { ...query, from }, wait)) {
      this.#parts.assertOpen()
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
    this.#parts.assertOpen()
    const query = wordQuery(text)
    const range = searchRange(options)
    const { contact, hidden, signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    const root = await this.#parts.turns.run(() => this.#parts.book.root(wait))
    const contacts =
      contact === undefined
        ? Array.from(listedConversations(root, { hidden }), (listed) => listed.contact)
        : [normalizedName(contact)]
    const found = this.#search.found(contacts, query, range, wait)
    for await (const message of atMost(found, range.limit)) {
      this.#parts.assertOpen()
      yield message
    }
  }

  /**
   * What changes in the conversation with a contact, or in all, from the call on, each change once and in
   * order: also on a replica, as it arrives. What is given is read then: of a message that is gone meanwhile
   * only `deleted` comes. Ends by throwing the signal's reason, or that the chat was closed.
   *
   * On a replica all messages of what is watched are read once, and their positions are kept in memory; several
   * changes that arrive together may be one there. Elsewhere at most 10,000 changes wait: `CHAT_WATCH_BEHIND`.
   */
  watch(
    contact?: string,
    options: WatchOptions = {},
  ): AsyncIterableIterator<ChatChange, undefined> {
    this.#parts.assertOpen()
    const name = contact === undefined ? undefined : normalizedName(contact)
    return new ChatWatch({ ...this.#parts, contact: name }, options)
  }

  /** How many messages a conversation has, of all types: out of its list of chunks and its newest chunk. */
  async count(contact: string, wait?: WaitOptions): Promise<number> {
    this.#parts.assertOpen()
    const name = normalizedName(contact)
    return this.#parts.turns.run(() => this.#parts.book.count(name, wait))
  }

  /**
   * What messages of a conversation say about ones that are not here, by the hashes of those: another device
   * may have them (see `ChatDevices`).
   */
  async waitingNotes(
    contact: string,
    wait?: WaitOptions,
  ): Promise<ReadonlyMap<string, readonly MessageNote[]>> {
    this.#parts.assertOpen()
    const name = normalizedName(contact)
    return this.#parts.turns.run(() => this.#parts.book.waitingNotes(name, wait))
  }

  /** Tells whether a message of a conversation was deleted here, or is about one that was. */
  async deleted(
    contact: string,
    wait?: WaitOptions,
  ): Promise<(message: Pick<ChatMessage, 'envelope' | 'hash'>) => boolean> {
    this.#parts.assertOpen()
    const name = normalizedName(contact)
    const deleted = await this.#parts.turns.run(() => this.#parts.book.deleted(wait))
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
    this.#parts.assertOpen()
    const { hash, bytes } = await this.#parts.attachments.write(content, wait)
    return attachmentOf(hash, bytes, { name, type })
  }

  /** The content that a message names so, a part at a time. Throws `CHAT_ATTACHMENT_MISSING`. */
  async *attachment(
    reference: string,
    wait?: WaitOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    this.#parts.assertOpen()
    for await (const part of this.#parts.attachments.read(parseAttachment(reference)?.hash, wait)) {
      this.#parts.assertOpen()
      yield part
    }
  }

  /**
   * Takes a message out of what is stored, for good; false when it was not there: it is not stored then when it
   * comes, and `ChatDevices` does not show another device's.
   */
  delete(contact: string, message: MessageReference): Promise<boolean> {
    return this.#edit(normalizedName(contact), (edit) => removeMessage(edit, message), FORGET)
  }

  /** Leaves a conversation out of {@link conversations}, or shows it again. */
  async hide(
    contact: string,
    { hidden = true }: { readonly hidden?: boolean } = {},
  ): Promise<void> {
    const setting = { contact: normalizedName(contact), isHidden: hidden }
    await this.#change(() => this.#parts.book.edit(async () => undefined, { setting }))
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
    await this.#change(() => this.#parts.book.edit(async () => undefined, { setting }))
    this.#parts.upkeep?.start()
  }

  /** Does now what is done in the background: see {@link expireAfter}; resolves with how many messages. */
  async expire(): Promise<number> {
    let removed = 0
    for (;;) {
      const some = await this.#change(() => this.#parts.expiry.step())
      if (some === 0) return removed
      removed += some
    }
  }

  /**
   * Writes one encrypted file with all messages and their attachments, or those that are asked for: replaced
   * as a whole, and opened by {@link import}, or as a chat with `fileBackend`.
   */
  export(path: string, options: ExportOptions = {}): Promise<CopiedMessages> {
    this.#parts.assertOpen()
    return this.#transfer.export(path, options)
  }

  /** The messages as JSON that people can read, as it is to be written to a file: a line for each. Not encrypted. */
  async *exportJson(range: CopyRange = {}): AsyncGenerator<string, void, undefined> {
    this.#parts.assertOpen()
    yield* this.#transfer.json(range)
  }

  /**
   * Takes messages with their attachments in, from a file that {@link export} wrote or from another chat of the
   * account, whose storage key, mode and signature may be others. Those that are here already stay as they are,
   * and learn what was said about them; what was deleted here does not come back. It can be repeated.
   *
   * Throws `CHAT_EXPORT_MISSING`, `CHAT_MESSAGE_TOO_LARGE`, and for a file what `openChat` throws.
   */
  import(source: string | Chat, options: ImportOptions = {}): Promise<CopiedMessages> {
    this.#parts.assertOpen()
    const { signal, timeoutMs, contact, from, to } = options
    if (typeof source === 'string') return this.#transfer.importFile(source, options)
    return this.#transfer.import(source[TRANSFER](), { signal, timeoutMs, contact, from, to })
  }

  /**
   * Moves everything to another backend, which becomes a chat's that has the same options and is given back, or
   * to another chat of the account; nothing is left here. All or nothing: when it rejects, this chat is as it was,
   * and there is nothing in the other. What is written here meanwhile waits.
   *
   * Throws `CHAT_NOT_EMPTY`, and as {@link import}.
   */
  async moveTo<T extends ChatBackend | Chat>(
    target: T,
  ): Promise<T extends Chat ? T : Chat & Closing> {
    this.#parts.assertOpen()
    type Moved = T extends Chat ? T : Chat & Closing
    if (target instanceof Chat) {
      await this.#transfer.moveTo(target[TRANSFER]())
      return target as Moved
    }
    const opened = await this.#parts.open({ backend: target as ChatBackend })
    try {
      await this.#transfer.moveTo(opened[TRANSFER]())
    } catch (error) {
      await opened.close()
      throw error
    }
    return opened as Moved
  }

  /** What other chats of the account import from. */
  [TRANSFER](): ChatTransfer {
    return this.#transfer
  }

  protected override assertOpen(): void {
    this.#parts.assertOpen()
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
      const result = await this.#parts.book.edit(
        async (editOf) => work(await editOf(contact)),
        options,
      )
      await this.#parts.upkeep?.look(contact)
      return result
    })
  }

  /** Those of `records` that may be stored. */
  async #admitted(contact: string, records: readonly ChatRecord[]): Promise<readonly ChatRecord[]> {
    const deleted = await this.#parts.book.deleted()
    const living = await this.#parts.expiry.living(contact, records)
    return living.filter((record) => !deleted.concerns(contact, record))
  }

  async #change<T>(work: () => Promise<T>): Promise<T> {
    this.#parts.assertOpen()
    return this.#parts.turns.run(work)
  }
}
