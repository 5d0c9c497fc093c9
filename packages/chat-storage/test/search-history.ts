import type { Random } from '@datagram/fault-harness'
import { type Chat, type ChatMessage, type Envelope, type SearchOptions } from '../src/index.ts'
import { isMeant, wordList, wordQuery } from '../src/words.ts'
import { envelope } from './chat-world.ts'

const WORDS = [
  'apple',
  'Apples',
  'application',
  'pie',
  'Crème',
  'brûlée',
  'STRASSE',
  'Straße',
  'привет',
  'Мир',
  'κόσμος',
  '苹果',
  '我喜欢',
  '東京都',
  'สวัสดีครับ',
  '안녕하세요',
  '🎉',
  '1984',
  'don’t',
  ', and',
]
/** Messages come late by so much, and some expire. */
const LATE_MS = [1, 20, 3_000, 20_000_000]
const EXPIRE_AFTER_MS = 20_000_000
const CONTACTS = ['bob.eth', 'max.eth', 'ada lovelace']

/** A chat that can be searched: one, or several as one. */
export interface Searched {
  conversations: Chat['conversations']
  messages: Chat['messages']
  search: Chat['search']
}

/** Random messages, edits, deletions and expiries of short texts in many languages. */
export class SearchHistory {
  readonly #random: Random
  // Hours from where messages expire, which moves on while a test runs.
  #clock = Date.now() - 10_000_000
  #number = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Changes a chat in one random way, often about a message that was seen in another. */
  async step(chat: Chat, seen: Searched = chat): Promise<void> {
    const random = this.#random
    const contact = random.pick(CONTACTS)
    const known = await this.#someMessage(seen, contact)
    if (known === undefined || random.chance(0.5)) {
      const count = random.pick([1, 1, 1, 5, 30])
      await chat.addMessages(
        contact,
        Array.from({ length: count }, () => this.#envelope()),
      )
      return
    }
    const note = (type: string) => chat.addMessage(contact, this.#about(known, type))
    const history = random.pick(['keep', 'forget'] as const)
    const expireAfterMs = random.pick([undefined, EXPIRE_AFTER_MS])
    const changes: readonly (() => Promise<unknown>)[] = [
      () => note('EDIT'),
      () => note('EDIT'),
      () => note(random.pick(['REACTION', 'READ_OPENED'])),
      () => chat.edit(contact, known, this.#text(), { history }),
      () => chat.delete(contact, known),
      () => chat.expireAfter(contact, expireAfterMs),
      () => chat.expire(),
    ]
    await random.pick(changes)()
  }

  /** Something to search for, and where. */
  search(): { readonly text: string; readonly options: SearchOptions } {
    const random = this.#random
    const text = this.#text(random.pick([1, 1, 2, 3]))
    const cut = random.chance(0.3) ? text.slice(0, random.between(1, text.length + 1)) : text
    const near = () => this.#clock - random.between(0, 6_000)
    return {
      text: random.chance(0.3) ? `${cut} ` : cut,
      options: {
        contact: random.pick([undefined, ...CONTACTS]),
        from: random.chance(0.3) ? near() : undefined,
        to: random.chance(0.3) ? near() : undefined,
        limit: random.pick([undefined, 1, 7]),
      },
    }
  }

  async #someMessage(chat: Searched, contact: string): Promise<ChatMessage | undefined> {
    const around = this.#clock - this.#random.between(0, 8_000)
    for await (const one of chat.messages(contact, { around, limit: 2 })) return one
    return undefined
  }

  #envelope(): Envelope {
    this.#clock += this.#random.between(0, 30)
    const late = this.#random.chance(0.2) ? this.#random.pick(LATE_MS) : 0
    // Each is another message, and some have no text.
    const more = { number: this.#number++ }
    return envelope(this.#clock - late, this.#random.chance(0.05) ? '' : this.#text(), more)
  }

  #about({ hash, timestamp }: ChatMessage, type: string): Envelope {
    this.#clock++
    const more = { type, referenceMessageHash: hash, number: this.#number++ }
    return envelope(Math.max(this.#clock, timestamp + 1), this.#text(), more)
  }

  #text(count = this.#random.between(1, 6)): string {
    return Array.from({ length: count }, () => this.#random.pick(WORDS)).join(' ')
  }
}

/** What a search has to find, by looking at every message. */
export async function scanned(
  chat: Searched,
  text: string,
  { contact, from = 0, to = Infinity, limit }: SearchOptions,
): Promise<string[]> {
  const found: { readonly place: string; readonly timestamp: number; readonly line: string }[] = []
  const query = wordQuery(text)
  for await (const listed of chat.conversations()) {
    if (contact !== undefined && contact !== listed.contact) continue
    for await (const message of chat.messages(listed.contact)) {
      const { timestamp, hash } = message
      if (timestamp < Number(from) || timestamp >= Number(to)) continue
      if (!isMeant(query, wordList(message.text))) continue
      found.push({ place: hash, timestamp, line: lineOf(listed.contact, message) })
    }
  }
  found.sort((a, b) => b.timestamp - a.timestamp || (a.place < b.place ? 1 : -1))
  return found.map(({ line }) => line).slice(0, limit)
}

/** What a search finds. */
export async function searched(chat: Searched, text: string, options = {}): Promise<string[]> {
  const found: string[] = []
  for await (const message of chat.search(text, options)) {
    found.push(lineOf(message.contact, message))
  }
  return found
}

function lineOf(contact: string, { timestamp, hash, text }: ChatMessage): string {
  return `${contact} ${timestamp} ${hash.slice(2, 10)} ${text}`
}
