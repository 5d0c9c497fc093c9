import { isDatagramError } from '@datagram/errors'
import { atMost } from './at-most.ts'
import type { Chat } from './chat.ts'
import type { WaitOptions } from './chat-backend.ts'
import type { ChatPosition } from './chat-position.ts'
import { comparePositions } from './chat-record.ts'
import { searchDevices } from './devices-search.ts'
import type { ConversationsOptions, ListedConversation } from './listed-conversation.ts'
import { merged } from './merged.ts'
import { type FoundMessage, type SearchOptions, searchRange } from './message-search.ts'
import { messageQuery, type MessagesOptions } from './message-query.ts'
import { type ChatMessage, withNotes } from './message-view.ts'
import type { MessageNote } from './stored-state.ts'

/**
 * The chats of one account's devices, read as one: a message that several have comes once, with all that any
 * of them knows of it. Each device writes to its own chat, and reads those of the others, which are replicas
 * here. What is deleted on one is shown on none; it goes from the chat where that is done, as what is edited
 * without history does.
 */
export class ChatDevices {
  /** This device's, to be written to. */
  readonly own: Chat
  readonly #chats: readonly Chat[]

  /** Throws a TypeError for chats of different accounts. */
  constructor(own: Chat, others: readonly Chat[]) {
    if (others.some(({ account }) => account !== own.account)) {
      throw new TypeError('the chats of devices are of one account')
    }
    this.own = own
    this.#chats = [own, ...others]
  }

  /** As `Chat.conversations`; one is hidden where this device hides it, or does not have it and another does. */
  async *conversations({
    limit = Infinity,
    hidden = false,
    ...options
  }: ConversationsOptions = {}): AsyncGenerator<ListedConversation, void, undefined> {
    const lists = this.#chats.map((chat) => chat.conversations({ ...options, hidden: true }))
    const compare = (a: ListedConversation, b: ListedConversation) =>
      a.contact < b.contact ? -1 : a.contact > b.contact ? 1 : 0
    const all = merged(lists, compare, ([first]) => first as ListedConversation)
    yield* atMost(hidden ? all : shown(all), limit)
  }

  /** As `Chat.messages`. */
  async *messages(
    contact: string,
    options: MessagesOptions = {},
  ): AsyncGenerator<ChatMessage, void, undefined> {
    const { around, limit, order } = messageQuery(options)
    if (around === undefined) {
      yield* atMost(this.#merged(contact, { ...options, limit: undefined, order }), limit)
      return
    }
    const found = await this.#around(contact, around, limit, options)
    yield* order === 'oldest' ? found : found.reverse()
  }

  /** As `Chat.search`, by the texts that {@link messages} gives. */
  async *search(
    text: string,
    options: SearchOptions = {},
  ): AsyncGenerator<FoundMessage, void, undefined> {
    const { limit } = searchRange(options)
    yield* atMost(searchDevices(this, this.#chats, text, options), limit)
  }

  /** As `Chat.attachment`, from the first device that has it. */
  async *attachment(
    reference: string,
    wait?: WaitOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [place, chat] of this.#chats.entries()) {
      const parts = chat.attachment(reference, wait)
      const first = await parts.next().catch((error: unknown) => {
        const isLast = place === this.#chats.length - 1
        if (isLast || !isDatagramError(error, 'CHAT_ATTACHMENT_MISSING')) throw error
      })
      if (first === undefined) continue
      if (first.done !== true) yield first.value
      yield* parts
      return
    }
  }

  /** How many messages there are, of all types; all of them are read for it. */
  async count(contact: string, wait: WaitOptions = {}): Promise<number> {
    let count = 0
    for await (const _ of this.messages(contact, { ...wait, notes: true })) count++
    return count
  }

  async #around(
    contact: string,
    around: ChatPosition,
    limit: number,
    { notes, signal, timeoutMs }: MessagesOptions,
  ): Promise<ChatMessage[]> {
    const rest = { notes, signal, timeoutMs }
    const take = async (count: number, options: MessagesOptions) => {
      const taken: ChatMessage[] = []
      const all = this.#merged(contact, { ...rest, ...options })
      for await (const one of atMost(all, count)) taken.push(one)
      return taken
    }
    const half = Math.floor(limit / 2)
    // The place itself counts; no two hashes differ in nothing but their last digit.
    const from = { timestamp: around.timestamp, hash: around.hash.slice(0, -1) }
    const forwards = (count: number) => take(count, { after: from, order: 'oldest' })
    const after = await forwards(limit - half)
    const before = await take(limit - after.length, { before: around, order: 'newest' })
    if (before.length >= half) return [...before.reverse(), ...after]
    return [...before.reverse(), ...(await forwards(limit - before.length))]
  }

  async *#merged(
    contact: string,
    options: MessagesOptions,
  ): AsyncGenerator<ChatMessage, void, undefined> {
    const waiting = await this.#waiting(contact, options)
    const sign = options.order === 'oldest' ? 1 : -1
    const deleted = await Promise.all(this.#chats.map((chat) => chat.deleted(contact, options)))
    const all = merged(
      this.#chats.map((chat) => chat.messages(contact, options)),
      (a, b) => sign * comparePositions(a, b),
      ([first, ...others]) => {
        const known = others.flatMap((other) => other.notes)
        const notes = [...known, ...(waiting.get((first as ChatMessage).hash) ?? [])]
        return withNotes(first as ChatMessage, notes)
      },
    )
    for await (const message of all) {
      if (!deleted.some((isDeleted) => isDeleted(message))) yield message
    }
  }

  /** What each device has of messages that only others have. */
  async #waiting(contact: string, wait: WaitOptions): Promise<Map<string, MessageNote[]>> {
    const all = new Map<string, MessageNote[]>()
    for (const chat of this.#chats) {
      for (const [about, notes] of await chat.waitingNotes(contact, wait)) {
        all.set(about, [...(all.get(about) ?? []), ...notes])
      }
    }
    return all
  }
}

async function* shown(
  conversations: AsyncIterable<ListedConversation>,
): AsyncGenerator<ListedConversation, void, undefined> {
  for await (const one of conversations) if (!one.isHidden) yield one
}
