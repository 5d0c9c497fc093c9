import type { Chat } from './chat.ts'
import type { WaitOptions } from './chat-backend.ts'
import { normalizedName } from './contact-name.ts'
import { merged } from './merged.ts'
import {
  type FoundMessage,
  isWithin,
  newestFirst,
  type SearchOptions,
  type SearchRange,
  searchRange,
} from './message-search.ts'
import { isMeant, type WordQuery, wordList, wordQuery } from './words.ts'

/** What several chats give as one. */
type Union = Pick<Chat, 'conversations' | 'messages'>

/** Finds messages in several chats that are read as one, by the texts that they have there. */
export async function* searchDevices(
  union: Union,
  chats: readonly Chat[],
  text: string,
  options: SearchOptions,
): AsyncGenerator<FoundMessage, void, undefined> {
  const query = wordQuery(text)
  const { from, to } = searchRange(options)
  const { signal, timeoutMs } = options
  const wait = { signal, timeoutMs }
  const contacts = await contactsOf(union, options)
  const own = chats.map((chat) => chat.search(text, { ...options, hidden: true, limit: undefined }))
  const edited = editedElsewhere(union, chats, { contacts, query, from, to }, wait)
  const all = merged([...own, edited], newestFirst, ([first]) => first as FoundMessage)
  for await (const { contact, timestamp, hash } of all) {
    if (!contacts.has(contact)) continue
    const around = { timestamp, hash }
    for await (const message of union.messages(contact, { around, limit: 1, ...wait })) {
      // Another device may know of a later text.
      const isIt = message.hash === hash && isMeant(query, wordList(message.text))
      if (isIt) yield { contact, ...message }
    }
  }
}

async function contactsOf(
  union: Union,
  { contact, hidden, signal, timeoutMs }: SearchOptions,
): Promise<ReadonlySet<string>> {
  if (contact !== undefined) return new Set([normalizedName(contact)])
  const contacts = new Set<string>()
  const listed = union.conversations({ hidden, signal, timeoutMs })
  for await (const { contact } of listed) contacts.add(contact)
  return contacts
}

// Messages whose text is in an edit that came to a device which does not have the message.
async function* editedElsewhere(
  union: Union,
  chats: readonly Chat[],
  {
    contacts,
    query,
    from,
    to,
  }: Omit<SearchRange, 'limit'> & {
    readonly contacts: ReadonlySet<string>
    readonly query: WordQuery
  },
  wait: WaitOptions,
): AsyncGenerator<FoundMessage, void, undefined> {
  const found: FoundMessage[] = []
  for (const contact of contacts) {
    const edited = new Set<string>()
    for (const chat of chats) {
      for (const [about, notes] of await chat.waitingNotes(contact, wait)) {
        const texts = notes.flatMap(({ type, message }) => (type === 'EDIT' ? (message ?? []) : []))
        if (texts.some((text) => isMeant(query, wordList(text)))) edited.add(about)
      }
    }
    if (edited.size === 0) continue
    // What waits does not say when the message was written.
    for await (const message of union.messages(contact, wait)) {
      if (isWithin(message, { from, to }) && edited.has(message.hash)) {
        found.push({ contact, ...message })
      }
    }
  }
  yield* found.sort(newestFirst)
}
