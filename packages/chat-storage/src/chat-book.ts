import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import { AccountMark } from './account-mark.ts'
import type { AttachmentStore } from './attachment-store.ts'
import { attachmentsOf } from './attachment-reference.ts'
import { AttachmentUses } from './attachment-uses.ts'
import { ChangeBoard } from './change-queue.ts'
import type { BackendChange, ChangeOptions, WaitOptions } from './chat-backend.ts'
import { chatError } from './chat-errors.ts'
import type { ChatRecord } from './chat-record.ts'
import type { ChunkStore, StoredChunk } from './chunk-store.ts'
import {
  type ChatRoot,
  type Conversation,
  decodeConversation,
  decodeRoot,
  encodeConversation,
  encodeRoot,
  type ListedChunk,
} from './conversation.ts'
import { DeletedMessages } from './deleted-messages.ts'
import type { HiddenKeys } from './hidden-keys.ts'
import { noteOf } from './message-state.ts'
import type { MessageNote } from './stored-state.ts'
import { ConversationEdit, type EditedConversation } from './conversation-edit.ts'

/** Gives the edit of one contact's conversation, the same for the same contact. */
export type EditOf = (contact: string) => Promise<ConversationEdit>

/** How an edit is stored. */
export interface EditOptions extends ChangeOptions {
  /** What is to hold for a contact from now on. */
  readonly setting?: ContactSetting | undefined
}

/** What holds for a contact; what is not said stays as it is. */
export interface ContactSetting {
  readonly contact: string
  readonly isHidden?: boolean
  /** Infinity: its messages do not expire. */
  readonly expireAfterMs?: number
}

/** A chunk of a conversation. */
export interface AccountChunk {
  readonly contact: string
  readonly key: string
  readonly records: readonly ChatRecord[]
}

/** What an edit comes to. */
interface EditedBook {
  readonly edited: ReadonlyMap<string, EditedConversation>
  readonly deleted: DeletedMessages
  readonly ofAttachments: readonly BackendChange[]
}

/**
 * The containers of one account: root, conversations, chunks. Whoever uses it takes turns; contacts are
 * given by their normalised names.
 */
export class ChatBook {
  /** Hears of what is changed here. */
  readonly changed = new ChangeBoard()
  readonly #chunks: ChunkStore
  readonly #mark: AccountMark
  /** How large a chunk's messages may be. */
  readonly chunkBytesMax: number
  readonly #attachments: AttachmentStore
  readonly #deletedKey: string
  readonly #conversations = new Map<string, Conversation | undefined>()
  #root: ChatRoot | undefined
  #deleted: DeletedMessages | undefined
  #isMarked = false
  #revision: unknown

  constructor(
    chunks: ChunkStore,
    hidden: HiddenKeys,
    attachments: AttachmentStore,
    chunkBytesMax: number,
  ) {
    this.#chunks = chunks
    this.#attachments = attachments
    this.#mark = new AccountMark(hidden, chunks.keys)
    this.#deletedKey = hidden.of('deleted')
    this.chunkBytesMax = chunkBytesMax
    this.#revision = chunks.containers.revision()
  }

  /** Looks at what is there. Throws `CHAT_STORAGE_KEY_WRONG`, and as {@link AccountMark.check}. */
  async open(): Promise<void> {
    this.#isMarked = await this.#mark.check(this.#chunks.containers)
    try {
      await this.root()
    } catch (cause) {
      if (this.#isMarked || !isDatagramError(cause, 'CHAT_CONTAINER_DAMAGED')) throw cause
      throw chatError(
        'CHAT_STORAGE_KEY_WRONG',
        'this storage key does not open what is stored for the account; give the key that it was stored with',
        { cause },
      )
    }
  }

  async root(wait?: WaitOptions): Promise<ChatRoot> {
    this.#refresh()
    const { containers, keys } = this.#chunks
    if (this.#root === undefined) {
      const container = await containers.read(keys.root, wait)
      this.#root = container
        ? decodeRoot(keys.root, container.contents[0] as Uint8Array)
        : { conversations: [] }
    }
    return this.#root
  }

  /** Which messages were deleted here. */
  async deleted(wait?: WaitOptions): Promise<DeletedMessages> {
    this.#refresh()
    if (this.#deleted === undefined) {
      const container = await this.#chunks.containers.read(this.#deletedKey, wait)
      this.#deleted = container
        ? DeletedMessages.decode(this.#deletedKey, container.contents[0] as Uint8Array)
        : DeletedMessages.none
    }
    return this.#deleted
  }

  /** The conversation with a contact, or undefined. */
  async conversation(contact: string, wait?: WaitOptions): Promise<Conversation | undefined> {
    this.#refresh()
    if (this.#conversations.has(contact)) return this.#conversations.get(contact)
    const key = this.#chunks.keys.conversation(contact)
    const container = await this.#chunks.containers.read(key, wait)
    const conversation = container && decodeConversation(key, container.contents[0] as Uint8Array)
    this.#conversations.set(contact, conversation)
    return conversation
  }

  /** A chunk of the conversation with a contact. */
  chunk(contact: string, chunk: ListedChunk, wait?: WaitOptions): Promise<StoredChunk> {
    this.#refresh()
    return this.#chunks.load(this.#chunks.keys.conversation(contact), chunk, wait)
  }

  /** The key of a chunk, and what changes with what it holds. */
  async chunkVersion(
    contact: string,
    chunk: ListedChunk,
    wait?: WaitOptions,
  ): Promise<{ readonly key: string; readonly version: string | undefined }> {
    const { containers, keys } = this.#chunks
    const key = keys.chunk(keys.conversation(contact), chunk)
    return { key, version: await containers.version(key, wait) }
  }

  /** See `ChatBackend.revision`. */
  revision(): unknown {
    return this.#chunks.containers.revision()
  }

  /** See `ChatBackend.news`. */
  news(signal: AbortSignal): AsyncIterable<void> | undefined {
    return this.#chunks.containers.news(signal)
  }

  /** The words of a chunk's messages, where they are kept: see `WordIndex.read`. */
  words(
    contact: string,
    chunk: ListedChunk,
    wait?: WaitOptions,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const { keys, words } = this.#chunks
    return words.read(keys.chunk(keys.conversation(contact), chunk), wait)
  }

  /** How many messages the conversation with a contact has. */
  async count(contact: string, wait?: WaitOptions): Promise<number> {
    const { chunks } = (await this.conversation(contact, wait)) ?? { chunks: [] }
    const newest = chunks.at(-1)
    if (newest === undefined) return 0
    let count = (await this.chunk(contact, newest, wait)).records.length
    for (const chunk of chunks.slice(0, -1)) {
      count += chunk.count ?? (await this.chunk(contact, chunk, wait)).records.length
    }
    return count
  }

  /** What messages here say about ones that are not, by the hashes of those. */
  async waitingNotes(
    contact: string,
    wait?: WaitOptions,
  ): Promise<ReadonlyMap<string, readonly MessageNote[]>> {
    const { waiting = [] } = (await this.conversation(contact, wait)) ?? {}
    const found = new Map<string, MessageNote[]>()
    const edit = await this.#editOf(contact)
    for (const { about, timestamp, hash } of waiting) {
      const record = await edit.get({ timestamp, hash })
      if (record !== undefined) found.set(about, [...(found.get(about) ?? []), noteOf(record)])
    }
    return found
  }

  /** Edits conversations; what comes of it is stored in one step, or nothing is. */
  async edit<T>(work: (editOf: EditOf) => Promise<T>, options?: EditOptions): Promise<T> {
    const edits = new Map<string, ConversationEdit>()
    const result = await work(async (contact) => {
      const edit = edits.get(contact) ?? (await this.#editOf(contact))
      edits.set(contact, edit)
      return edit
    })
    const edited = new Map<string, EditedConversation>()
    const uses = new AttachmentUses()
    let deleted = await this.deleted()
    for (const [contact, edit] of edits) {
      edited.set(contact, await edit.result())
      uses.add(edit.uses)
      if (edit.deleted.length > 0) deleted = deleted.with(contact, edit.deleted)
    }
    const ofAttachments = await this.#attachments.changesOf(uses)
    await this.#store({ edited, deleted, ofAttachments }, options ?? {})
    for (const [contact, edit] of edits) this.changed.publish(contact, edit.told)
    return result
  }

  /** Whether anything of the account is stored. */
  get isStored(): boolean {
    return this.#isMarked
  }

  /** Makes sure that something of the account is stored, if only whose it is. */
  async mark(): Promise<void> {
    if (this.#isMarked) return
    await this.#chunks.containers.commit([this.#mark.write(this.#chunks.containers).change])
    this.#isMarked = true
  }

  /** Takes what was deleted elsewhere for deleted here, where it is not there. */
  async adoptDeleted(elsewhere: DeletedMessages): Promise<void> {
    let older = elsewhere
    for await (const { contact, records } of this.chunks()) older = older.except(contact, records)
    const deleted = (await this.deleted()).after(older)
    await this.#store({ edited: new Map(), deleted, ofAttachments: [] }, {})
  }

  /** Every chunk, and whose it is. */
  async *chunks(): AsyncGenerator<AccountChunk, void, undefined> {
    for (const contact of (await this.root()).conversations) {
      for (const listed of (await this.conversation(contact))?.chunks ?? []) {
        const { key, records } = await this.chunk(contact, listed)
        yield { contact, key, records }
      }
    }
  }

  /** Takes away all that is stored of the account, for good. */
  async clear(): Promise<void> {
    const { containers, keys, words } = this.#chunks
    const { conversations } = await this.root()
    const found = [this.#mark.key, this.#deletedKey, keys.root]
    const attachments = new Set<string>()
    found.push(...conversations.map((contact) => keys.conversation(contact)))
    for await (const { key, records } of this.chunks()) {
      found.push(key, words.keyOf(key))
      for (const { hash } of records.flatMap(attachmentsOf)) attachments.add(hash)
    }
    found.push(...(await this.#attachments.keysOf(attachments)))
    const changes = found.map((key) => ({ type: 'delete', key }) as const)
    // Whatever is there now is read again, and the mark is written again when it is there still.
    this.#forgetRead()
    this.#isMarked = false
    await containers.commit(changes, { previous: 'forget' })
  }

  /** Takes away what earlier openings left behind. */
  async sweep(): Promise<void> {
    const changes = await this.#attachments.sweep()
    if (changes.length > 0) await this.#chunks.containers.commit(changes, { previous: 'forget' })
  }

  async #editOf(contact: string): Promise<ConversationEdit> {
    const key = this.#chunks.keys.conversation(contact)
    const conversation = await this.conversation(contact)
    return new ConversationEdit(this.#chunks, key, conversation, this.chunkBytesMax)
  }

  async #store(
    { edited, deleted, ofAttachments }: EditedBook,
    { setting, ...options }: EditOptions,
  ): Promise<void> {
    const { containers, keys } = this.#chunks
    const changes: BackendChange[] = [...ofAttachments]
    for (const [contact, { conversation, changes: ofChunks }] of edited) {
      const list = this.#listChange(contact, conversation)
      changes.push(...ofChunks, ...(list ? [list] : []))
    }
    if (deleted !== this.#deleted) {
      changes.push(containers.put(this.#deletedKey, deleted.encode()).change)
    }
    const root = await this.#editedRoot(edited, setting)
    if (changes.length === 0 && root === this.#root) return
    if (root !== this.#root) changes.push(containers.put(keys.root, encodeRoot(root)).change)
    if (!this.#isMarked) changes.push(this.#mark.write(containers).change)
    try {
      await containers.commit(changes, options)
    } catch (error) {
      // Whatever is there now is read again.
      this.#forgetRead()
      throw error
    }
    this.#isMarked = true
    this.#root = root
    this.#deleted = deleted
    for (const [contact, { conversation }] of edited) this.#conversations.set(contact, conversation)
    for (const change of changes) if (change.type === 'delete') this.#chunks.drop(change.key)
    for (const { chunks } of edited.values()) for (const chunk of chunks) this.#chunks.keep(chunk)
  }

  #listChange(contact: string, conversation: Conversation | undefined): BackendChange | undefined {
    const key = this.#chunks.keys.conversation(contact)
    const before = this.#conversations.get(contact)
    if (conversation === undefined) return before && { type: 'delete', key }
    const content = encodeConversation(conversation)
    if (before !== undefined && b4a.equals(encodeConversation(before), content)) return undefined
    return this.#chunks.containers.put(key, content).change
  }

  async #editedRoot(
    edited: ReadonlyMap<string, EditedConversation>,
    setting: ContactSetting | undefined,
  ): Promise<ChatRoot> {
    const root = await this.root()
    const contacts = new Set(root.conversations)
    const hidden = new Set(root.hidden)
    for (const [contact, { conversation }] of edited) {
      if (conversation === undefined) contacts.delete(contact)
      else contacts.add(contact)
    }
    if (setting?.isHidden === true) hidden.add(setting.contact)
    else if (setting?.isHidden === false) hidden.delete(setting.contact)
    const expireAfterMs = new Map(root.expireAfterMs)
    const { contact = '', expireAfterMs: ms } = setting ?? {}
    if (ms === Infinity) expireAfterMs.delete(contact)
    else if (ms !== undefined) expireAfterMs.set(contact, ms)
    const next = {
      conversations: [...contacts].sort(),
      hidden: [...hidden].filter((contact) => contacts.has(contact)).sort(),
      expireAfterMs,
    }
    return b4a.equals(encodeRoot(next), encodeRoot(root)) ? root : next
  }

  #refresh(): void {
    const revision = this.#chunks.containers.revision()
    if (revision === this.#revision) return
    this.#revision = revision
    this.#forgetRead()
  }

  #forgetRead(): void {
    this.#root = undefined
    this.#deleted = undefined
    this.#conversations.clear()
    this.#chunks.clear()
  }
}
