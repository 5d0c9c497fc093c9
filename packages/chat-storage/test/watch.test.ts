import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { type Chat, type ChatChange, openChat } from '../src/index.ts'
import { chatInterface } from '../src/stream/index.ts'
import { ALICE, envelope } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { SearchHistory } from './search-history.ts'

const LIMIT_MS = 60_000

/** Collects what a watch gives, until it ends. */
function collected(watch: AsyncIterable<ChatChange>) {
  const changes: string[] = []
  const ended = (async () => {
    for await (const change of watch) changes.push(told(change))
  })()
  ended.catch(() => undefined)
  return { changes, ended }
}

function told(change: ChatChange): string {
  if (change.type === 'deleted') return `${change.contact} deleted ${change.position.timestamp}`
  const { type, contact, message } = change
  if (type === 'added') return `${contact} added ${message.text}`
  return `${contact} ${type} ${message.text}: ${change.note.message ?? ''}`
}

const openInMemory = () => openChat({ ...ALICE, backend: new MemoryBackend() })

describe('watching a chat', () => {
  it('gives each change once, in order', async () => {
    const chat = await openInMemory()
    const { changes } = collected(chat.watch())
    const received = envelope(2000, 'two', { from: 'bob.eth' })
    await chat.addMessages('bob.eth', [received, envelope(1000, 'one'), received])
    await chat.addMessage('bob.eth', received)
    const sent = await chat.send('max.eth', 'Helo')
    await chat.edit('max.eth', sent, 'Hallo')
    await chat.edit('max.eth', sent, 'Hello', { history: 'forget' })
    await chat.react('max.eth', sent, '🎉')
    await chat.receipt('max.eth', sent, 'READ_RECEIVED')
    await chat.requestDelete('max.eth', sent)
    await chat.delete('max.eth', sent)
    await chat.expireAfter('bob.eth', 1000)
    await chat.expire()
    await expect.poll(() => changes.at(-1), { timeout: LIMIT_MS }).toBe('bob.eth deleted 2000')
    // What was said about the message is read when it is its turn: it may be gone by then.
    const certain = changes.filter((change) => !/Hello|Hallo|Helo/.test(change))
    expect(certain).toEqual([
      'bob.eth added one',
      'bob.eth added two',
      `max.eth deleted ${sent.timestamp}`,
      'bob.eth deleted 1000',
      'bob.eth deleted 2000',
    ])
  })

  it('gives what is said about a message with the message', async () => {
    const chat = await openInMemory()
    const watch = chat.watch('bob.eth')
    await chat.addMessage('max.eth', envelope(1, 'to another'))
    const sent = await chat.send('bob.eth', 'Helo')
    await chat.edit('bob.eth', sent, 'Hello', { history: 'forget' })
    await chat.react('bob.eth', sent, '🎉')
    await chat.receipt('bob.eth', sent)
    await chat.requestDelete('bob.eth', sent)
    const changes: ChatChange[] = []
    for await (const change of watch) if (changes.push(change) === 5) break
    expect(changes.map(({ type }) => type)).toEqual([
      'added',
      'edited',
      'reaction',
      'receipt',
      'delete-requested',
    ])
    expect(told(changes[1] as ChatChange)).toBe('bob.eth edited Hello: Hello')
    expect(told(changes[2] as ChatChange)).toBe('bob.eth reaction Hello: 🎉')
    // One that came before its message is no change of its own.
    const later = chat.watch('bob.eth')
    const message = { ...envelope(5, 'late') }
    const other = await openInMemory()
    const { hash } = await other.addMessage('bob.eth', message)
    await chat.addMessage(
      'bob.eth',
      envelope(6, 'edited', { type: 'EDIT', referenceMessageHash: hash }),
    )
    await chat.addMessage('bob.eth', message)
    expect(told((await later.next()).value as ChatChange)).toBe('bob.eth added edited')
  })

  it('ends with its signal, with return, and with the chat', async () => {
    const chat = await openInMemory()
    const ending = new AbortController()
    const watches = [chat.watch(undefined, { signal: ending.signal }), chat.watch(), chat.watch()]
    const waits = watches.map((watch) => watch.next())
    ending.abort(new Error('enough'))
    await expect(waits[0]).rejects.toThrow('enough')
    await watches[1]?.return?.()
    expect(await waits[1]).toEqual({ done: true, value: undefined })
    await chat.close()
    await expect(waits[2]).rejects.toMatchObject({ code: 'CHAT_CLOSED' })
    expect(() => chat.watch()).toThrow('closed')
  })

  it('holds so many changes and no more for who does not take them', async () => {
    const chat = await openInMemory()
    const watch = chat.watch()
    await chat.addMessages(
      'bob.eth',
      Array.from({ length: 10_001 }, (_, i) => envelope(i, `${i}`)),
    )
    await expect(watch.next()).rejects.toMatchObject({ code: 'CHAT_WATCH_BEHIND' })
  })
})

/** What those who only hear of changes take to be there. */
class Heard {
  readonly messages = new Map<string, string>()
  #failure: unknown

  constructor(watch: AsyncIterable<ChatChange>) {
    this.#run(watch).catch((error: unknown) => {
      this.#failure = error
    })
  }

  /** The messages, or why nothing more is heard. */
  get known(): unknown {
    return this.#failure ?? this.messages
  }

  async #run(watch: AsyncIterable<ChatChange>) {
    for await (const change of watch) {
      const { hash } = change.type === 'deleted' ? change.position : change.message
      const place = `${change.contact} ${hash}`
      if (change.type === 'deleted') this.messages.delete(place)
      else {
        if (this.messages.has(place) === (change.type === 'added')) {
          throw new Error(`out of order, or twice: ${told(change)}`)
        }
        this.messages.set(place, change.message.text)
      }
    }
  }
}

async function textsOf(chat: Chat): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for await (const { contact } of chat.conversations({ hidden: true })) {
    for await (const { hash, text } of chat.messages(contact)) texts.set(`${contact} ${hash}`, text)
  }
  return texts
}

describe('watching a replica', () => {
  it('gives what its author does, as it arrives, also what was dropped meanwhile', async () => {
    await seededRun(async (random: Random) => {
      const logs = await logsOf(await temporaryStore())
      const options = { ...ALICE, chunkBytesMax: 3_000 }
      const author = await streamOver(logs, chatInterface, options)
      await author.api.addMessage('bob.eth', envelope(1, 'before'))
      const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
      let disconnect = connect(logs, replicaLogs)
      const replica = await streamOver(replicaLogs, chatInterface, options)
      await replica.update()
      const heard = new Heard(replica.api.watch())
      heard.messages.set([...(await textsOf(replica.api)).keys()][0] as string, 'before')
      const history = new SearchHistory(random)
      for (let round = 0; round < 3; round++) {
        for (let step = 0; step < 20; step++) await history.step(author.api)
        await author.index.flush()
        const expected = await textsOf(author.api)
        await expect.poll(() => heard.known, { timeout: LIMIT_MS }).toEqual(expected)
        await disconnect()
        for (let step = 0; step < 20; step++) await history.step(author.api)
        await author.index.flush()
        disconnect = connect(logs, replicaLogs)
      }
      const expected = await textsOf(author.api)
      await expect.poll(() => heard.known, { timeout: LIMIT_MS }).toEqual(expected)
    })
  }, 300_000)
})
