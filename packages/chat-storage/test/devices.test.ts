import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import {
  type Chat,
  ChatDevices,
  type ChatMessage,
  type Envelope,
  messageHash,
  openChat,
} from '../src/index.ts'
import { comparePositions } from '../src/chat-record.ts'
import { chatInterface } from '../src/stream/index.ts'
import { ALICE, envelope, placed } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

const openAlice = () => openChat({ ...ALICE, backend: new MemoryBackend(), chunkBytesMax: 2000 })

async function all(chat: Pick<Chat, 'messages'>, options = {}): Promise<ChatMessage[]> {
  const found: ChatMessage[] = []
  for await (const one of chat.messages('bob.eth', { order: 'oldest', ...options })) found.push(one)
  return found
}

/** Gives messages to one device, the other or both, and what there is to be. */
async function writeApart(random: Random, devices: readonly Chat[]): Promise<string[]> {
  const expected = new Set<string>()
  for (let i = 0; i < 150; i++) {
    const one: Envelope = envelope(random.between(0, 60), `${random.between(0, 400)}`)
    const both = random.chance(0.3)
    const writers = both ? devices : [random.pick(devices)]
    for (const chat of writers) await chat.addMessage('bob.eth', one)
    expected.add(placed(one.message.metadata.timestamp, messageHash(one.message)))
  }
  return [...expected].sort()
}

const placesOf = (messages: readonly ChatMessage[]) =>
  messages.map(({ timestamp, hash }) => placed(timestamp, hash))

describe('two devices', () => {
  it('show equal histories once they have met, with nothing lost or doubled', async () => {
    await seededRun(async (random) => {
      const stores = [await logsOf(await temporaryStore()), await logsOf(await temporaryStore())]
      const [phoneLogs, laptopLogs] = stores as [(typeof stores)[0], (typeof stores)[0]]
      const { api: phone } = await streamOver(phoneLogs, chatInterface, ALICE)
      const { api: laptop } = await streamOver(laptopLogs, chatInterface, ALICE)
      const expected = await writeApart(random, [phone, laptop])
      // Each attaches the other's stream.
      const replicaOf = async (author: typeof phoneLogs, chat: Chat) => {
        const count = await chat.count('bob.eth')
        const logs = await replicaLogsOf(await temporaryStore(), author)
        connect(author, logs)
        const stream = await streamOver(logs, chatInterface, ALICE)
        await expect
          .poll(
            async () => {
              await stream.update()
              return stream.api.count('bob.eth')
            },
            { timeout: 60_000 },
          )
          .toBe(count)
        return stream
      }
      const onLaptop = await replicaOf(phoneLogs, phone)
      const onPhone = await replicaOf(laptopLogs, laptop)
      const asPhone = new ChatDevices(phone, [onPhone.api])
      const asLaptop = new ChatDevices(laptop, [onLaptop.api])
      expect(placesOf(await all(asPhone))).toEqual(expected)
      expect(placesOf(await all(asLaptop))).toEqual(expected)
      expect(await asPhone.count('bob.eth')).toBe(expected.length)
      await asPhone.own.addMessage('max.eth', envelope(1, 'to max'))
      const contacts: string[] = []
      for await (const { contact } of asPhone.conversations()) contacts.push(contact)
      expect(contacts).toEqual(['bob.eth', 'max.eth'])
    })
  })

  it('are read in parts as one chat is', async () => {
    await seededRun(async (random) => {
      const [phone, laptop, one] = [await openAlice(), await openAlice(), await openAlice()]
      await writeApart(random, [phone, laptop])
      const both = new ChatDevices(phone, [laptop])
      await one.addMessages(
        'bob.eth',
        (await all(both)).map((message) => message.envelope),
      )
      const [place] = await all(one, { after: 30 })
      for (const options of [
        { limit: 7 },
        { order: 'newest', limit: 9 },
        { before: 20, order: 'newest' },
        { after: 20, before: 40 },
        { around: 30, limit: 20 },
        { around: 30 },
        { around: 0, limit: 9 },
        { around: 99, limit: 9 },
        { around: place, limit: 11, order: 'newest' },
        { after: place, limit: 0 },
      ] as const) {
        expect(placesOf(await all(both, options))).toEqual(placesOf(await all(one, options)))
      }
    })
  })

  it('know what was said on the one about a message that only the other has', async () => {
    const [phone, laptop] = [await openAlice(), await openAlice()]
    const sent = await phone.send('bob.eth', 'as it was sent')
    await laptop.edit('bob.eth', sent, 'as it was edited')
    const reactions = [
      await phone.react('bob.eth', sent, '👍'),
      await laptop.react('bob.eth', sent, '🎉'),
    ]
    // Their clocks may show the same millisecond: then the hash tells which is the newest.
    const newest = reactions.sort(comparePositions).at(-1)
    for (const devices of [new ChatDevices(phone, [laptop]), new ChatDevices(laptop, [phone])]) {
      const [message, ...others] = await all(devices)
      expect(others).toEqual([])
      expect(message).toMatchObject({ text: 'as it was edited', hash: sent.hash })
      expect(message?.reactions.map(({ hash }) => hash)).toEqual([newest?.hash])
    }
  })

  it('are of one account', async () => {
    const other = await openChat({ ...ALICE, account: 'max.eth', backend: new MemoryBackend() })
    const own = await openAlice()
    expect(() => new ChatDevices(own, [other])).toThrow(TypeError)
  })
})
