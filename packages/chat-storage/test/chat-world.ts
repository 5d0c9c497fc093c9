import assert from 'node:assert/strict'
import type { Random } from '@datagram/fault-harness'
import { ContainerKeys } from '../src/container-key.ts'
import { decodeConversation, decodeRoot } from '../src/conversation.ts'
import { decodeMessages } from '../src/chunk-content.ts'
import type { ChatRecord } from '../src/chat-record.ts'
import { ContainerStore } from '../src/container-store.ts'
import { HiddenKeys } from '../src/hidden-keys.ts'
import { isNote } from '../src/message-state.ts'
import { viewOf } from '../src/message-view.ts'
import { openContainer } from '../src/sealed-piece.ts'
import { wordsKey, WordIndex } from '../src/word-index.ts'
import { wordList } from '../src/words.ts'
import {
  type Chat,
  type ChatBackend,
  type ChatMode,
  type ChatOptions,
  type Envelope,
  messageHash,
} from '../src/index.ts'

export const STORAGE_KEY = new Uint8Array(32).fill(7)
export const ALICE = {
  account: 'alice.eth',
  sign: () => 'signature',
  storageKey: STORAGE_KEY,
} satisfies ChatOptions

/** A message as it would come from `contact`. */
export function envelope(timestamp: number, text: string, more: object = {}): Envelope {
  const metadata = { from: 'alice.eth', to: 'bob.eth', timestamp, type: 'NEW', ...more }
  return { message: { message: text, metadata, signature: '' } }
}

/** Everything that a chat gives, oldest first. */
export async function texts(chat: Chat, contact: string, options = {}): Promise<string[]> {
  const found: string[] = []
  for await (const message of chat.messages(contact, { order: 'oldest', ...options })) {
    found.push(message.envelope.message.message ?? '')
  }
  return found
}

/** What the containers of Alice hold, read by their definition alone; fails where they break it. */
export async function storedMessages(
  backend: ChatBackend,
  {
    mode = 'strict',
    chunkBytesMax,
    searchIndex = true,
  }: { mode?: ChatMode; chunkBytesMax: number; searchIndex?: boolean },
): Promise<Map<string, string[]>> {
  const keys = new ContainerKeys(mode, 'signature')
  const opened = new Set<string>()
  const read = async (key: string) => {
    const bytes = await backend.get(key)
    assert.ok(bytes, `there is no container ${key}`)
    assert.ok(!opened.has(key), `the container ${key} is listed twice`)
    opened.add(key)
    return openContainer(STORAGE_KEY, key, bytes).contents
  }
  const containers = new ContainerStore(backend, STORAGE_KEY)
  const hidden = new HiddenKeys(STORAGE_KEY, ALICE.account)
  const index = new WordIndex(containers, hidden, searchIndex)
  const { conversations } = decodeRoot(keys.root, (await read(keys.root))[0] as Uint8Array)
  const result = new Map<string, string[]>()
  for (const contact of conversations) {
    const key = keys.conversation(contact)
    const { chunks } = decodeConversation(key, (await read(key))[0] as Uint8Array)
    assert.ok(chunks.length > 0, 'a conversation has no chunk')
    assert.equal(new Set(chunks.map(({ id }) => id)).size, chunks.length, 'an id is there twice')
    const order: string[] = []
    for (const chunk of chunks) {
      const chunkKey = keys.chunk(key, chunk)
      const { records, bytes } = decodeMessages(chunkKey, await read(chunkKey))
      assert.ok(records.length > 0, 'a chunk has no message')
      assert.equal(records[0]?.timestamp, chunk.timestamp, 'a chunk is listed with another time')
      assert.ok(chunk.count === undefined || chunk.count === records.length, 'a count is wrong')
      assert.ok(bytes <= chunkBytesMax, `a chunk has ${bytes} bytes`)
      const json = records.map((record) => JSON.stringify(record.envelope)).join(',')
      assert.equal(Buffer.byteLength(json), bytes, 'the bytes of a chunk are counted wrongly')
      if (searchIndex) opened.add(index.keyOf(chunkKey))
      assert.deepEqual(await index.read(chunkKey), searchIndex ? wordsIn(records) : undefined)
      order.push(...records.map(({ timestamp, hash }) => placed(timestamp, hash)))
    }
    assert.deepEqual(order, [...order].sort(), 'messages are not in order')
    result.set(contact, order)
  }
  const all: string[] = []
  for await (const key of backend.list()) all.push(key)
  const beside = [hidden.of('account'), hidden.of('deleted')]
  for (const key of all) {
    assert.ok(opened.has(key) || beside.includes(key), 'there is a container that nothing leads to')
  }
  return result
}

/** What the index has to say of messages, whichever way they came to have their texts. */
function wordsIn(records: readonly ChatRecord[]): Map<string, string> {
  const shown = records.filter((record) => !isNote(record))
  return new Map(shown.map((record) => [wordsKey(record), wordList(viewOf(record).text)]))
}

/** A random history: mostly in order, some late, some of equal times, some twice. */
export class History {
  readonly #random: Random
  readonly contacts: readonly string[]
  readonly model = new Map<string, Map<string, Envelope>>()
  readonly #removed = new Map<string, Envelope>()
  #clock = 1_700_000_000_000
  #number = 0

  constructor(random: Random, contacts: readonly string[]) {
    this.#random = random
    this.contacts = contacts
  }

  /** The next messages for one contact. */
  batch(count: number): { readonly contact: string; readonly envelopes: readonly Envelope[] } {
    const contact = this.#random.pick(this.contacts)
    const known = this.model.get(contact) ?? new Map<string, Envelope>()
    this.model.set(contact, known)
    const envelopes: Envelope[] = []
    for (let i = 0; i < count; i++) {
      const old = this.#random.chance(0.02) ? [...known.values()].at(-1) : undefined
      envelopes.push(old ?? this.#message())
    }
    const gone = this.#removed.get(contact)
    // Delivered again.
    if (gone !== undefined && this.#random.chance(0.3)) envelopes.push(gone)
    for (const one of envelopes) {
      if (one === gone) continue
      known.set(placed(one.message.metadata.timestamp, messageHash(one.message)), one)
    }
    return { contact, envelopes: this.#random.shuffled(envelopes) }
  }

  /** Takes a message away. */
  remove(): { readonly contact: string; readonly hash: string } | undefined {
    const contact = this.#random.pick(this.contacts)
    const known = this.model.get(contact) ?? new Map<string, Envelope>()
    if (known.size === 0) return undefined
    const place = this.#random.pick([...known.keys()])
    this.#removed.set(contact, known.get(place) as Envelope)
    known.delete(place)
    return { contact, hash: place.split(' ')[1] as string }
  }

  /** What there is to be of each conversation, in order. */
  expected(): Map<string, string[]> {
    const kept = [...this.model].filter(([, messages]) => messages.size > 0)
    return new Map(
      kept
        .map(([contact, messages]): [string, string[]] => [contact, [...messages.keys()].sort()])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }

  #message(): Envelope {
    if (this.#random.chance(0.7)) this.#clock += this.#random.between(0, 5)
    const late = this.#random.chance(0.15) ? this.#random.between(0, 20_000) : 0
    const text = `${this.#number++} `.padEnd(this.#random.between(5, 160), 'x')
    return envelope(this.#clock - late, text)
  }
}

export function placed(timestamp: number, hash: string): string {
  return `${String(timestamp).padStart(16, '0')} ${hash}`
}
