import { annotate } from './annotate.ts'
import { attachmentsOf } from './attachment-reference.ts'
import type { WaitOptions } from './chat-backend.ts'
import { type ChatRecord, countBefore } from './chat-record.ts'
import type { ChatPosition } from './chat-position.ts'
import type { ChatTools } from './chat-tools.ts'
import { normalizedName } from './contact-name.ts'
import type { ConversationEdit } from './conversation-edit.ts'
import { pageFrom } from './message-pages.ts'
import { FIRST_POSITION, LAST_POSITION, positionOf } from './message-query.ts'
import { isNote, withStateOf } from './message-state.ts'
import type { RunTurn } from './turns.ts'

/** Which messages are copied. */
export interface CopyRange extends WaitOptions {
  /** Only those of the conversation with this contact; default all conversations, hidden ones too. */
  readonly contact?: string | undefined
  /** Only those from this timestamp, or this message, on. */
  readonly from?: number | ChatPosition | undefined
  /** Only those before this timestamp, or before this message. */
  readonly to?: number | ChatPosition | undefined
}

/** What was copied: only what was not there. */
export interface CopiedMessages {
  /** Messages of all types. */
  readonly messages: number
  readonly attachments: number
}

/** The messages of a conversation from `from` on, without `to` and what is expired: a chunk at a time, in order. */
export async function* pagesWithin(
  { book, expiry }: Pick<ChatTools, 'book' | 'expiry'>,
  contact: string,
  { from, to, signal, timeoutMs }: CopyRange,
  run: RunTurn,
): AsyncGenerator<readonly ChatRecord[], void, undefined> {
  const wait = { signal, timeoutMs }
  const end = to === undefined ? LAST_POSITION : positionOf(to)
  let start = from === undefined ? FIRST_POSITION : positionOf(from)
  for (;;) {
    signal?.throwIfAborted()
    const page = await run(() => pageFrom(book, contact, start, wait))
    const last = page.at(-1)
    if (last === undefined) return
    const wanted = page.slice(0, countBefore(page, end))
    yield await run(() => expiry.living(contact, wanted))
    if (wanted.length < page.length) return
    start = { timestamp: last.timestamp, hash: `${last.hash}\0` }
  }
}

/** Copies messages of one chat into another, with all that is known of them. It can be repeated. */
export class ChatCopy {
  readonly #source: ChatTools
  readonly #target: ChatTools
  readonly #run: RunTurn
  #messages = 0
  #attachments = 0

  /** `run`: how the source's turns are taken. */
  constructor(source: ChatTools, target: ChatTools, run: RunTurn) {
    this.#source = source
    this.#target = target
    this.#run = run
  }

  async copy(range: CopyRange): Promise<CopiedMessages> {
    const { book } = this.#source
    const root = await this.#run(() => book.root(range))
    const only = range.contact === undefined ? undefined : normalizedName(range.contact)
    for (const contact of only === undefined ? root.conversations : [only]) {
      await this.#copyConversation(contact, range)
    }
    for (const [contact, expireAfterMs] of root.expireAfterMs ?? []) {
      if (only === undefined || contact === only) await this.#adopt({ contact, expireAfterMs })
    }
    const { from, to } = range
    if (only === undefined && from === undefined && to === undefined) {
      const deleted = await this.#run(() => book.deleted(range))
      await this.#target.turns.run(() => this.#target.book.adoptDeleted(deleted))
    }
    this.#target.upkeep?.start()
    return { messages: this.#messages, attachments: this.#attachments }
  }

  async #copyConversation(contact: string, range: CopyRange): Promise<void> {
    const { book } = this.#source
    const { hidden = [] } = await this.#run(() => book.root(range))
    const conversation = await this.#run(() => book.conversation(contact, range))
    const waiting = new Set(conversation?.waiting?.map(({ hash }) => hash))
    const isPart = range.from !== undefined || range.to !== undefined
    // What the others say is known to the messages that they are about.
    const isLoose = (record: ChatRecord) => isNote(record) && (isPart || waiting.has(record.hash))
    const { limits, book: target } = this.#target
    const bytesMax = target.chunkBytesMax
    const wasThere = await this.#isThere(contact)
    for await (const page of pagesWithin(this.#source, contact, range, this.#run)) {
      // With all that is known of it, it may be as large as a chunk.
      for (const record of page) limits.assertFits(record, bytesMax)
      await this.#copyAttachments(page, range)
      await this.#target.turns.run(() => this.#merge(contact, page, isLoose))
    }
    const isHidden = hidden.includes(contact)
    if (isHidden && !wasThere && (await this.#isThere(contact))) {
      await this.#adopt({ contact, isHidden })
    }
  }

  async #merge(
    contact: string,
    page: readonly ChatRecord[],
    isLoose: (record: ChatRecord) => boolean,
  ): Promise<void> {
    const { book, expiry } = this.#target
    const deleted = await book.deleted()
    const living = await expiry.living(contact, page)
    const admitted = living.filter((record) => !deleted.concerns(contact, record))
    this.#messages += await book.edit(async (editOf) => {
      const edit = await editOf(contact)
      const added = await edit.add(admitted)
      await tellKnown(edit, admitted, new Set(added))
      await annotate(edit, added, isLoose)
      return added.length
    })
  }

  async #copyAttachments(page: readonly ChatRecord[], wait: WaitOptions): Promise<void> {
    const { attachments: here } = this.#source
    const { attachments: there } = this.#target
    for (const hash of new Set(page.flatMap(attachmentsOf).map(({ hash }) => hash))) {
      if (await there.inTurn(() => there.has(hash, wait))) continue
      if (!(await this.#run(() => here.has(hash, wait)))) continue
      await there.write(here.read(hash, { ...wait, run: this.#run }), wait)
      this.#attachments++
    }
  }

  #isThere(contact: string): Promise<boolean> {
    const { book, turns } = this.#target
    return turns.run(async () => (await book.conversation(contact)) !== undefined)
  }

  /** What is said of a contact, where the target does not say it itself. */
  #adopt(setting: {
    readonly contact: string
    readonly isHidden?: boolean
    readonly expireAfterMs?: number
  }): Promise<void> {
    const { book, turns } = this.#target
    return turns.run(async () => {
      const { expireAfterMs } = await book.root()
      if (setting.isHidden === undefined && expireAfterMs?.has(setting.contact)) return
      await book.edit(async () => undefined, { setting })
    })
  }
}

/** Tells messages that are there already what the copies of them know. */
async function tellKnown(
  edit: ConversationEdit,
  records: readonly ChatRecord[],
  added: ReadonlySet<ChatRecord>,
): Promise<void> {
  for (const record of records) {
    if (added.has(record) || record.state.notes === undefined) continue
    const stored = await edit.get(record)
    const told = stored && withStateOf(stored, record)
    if (told !== undefined) await edit.replace(told)
  }
}
