import { mkdir, readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '@datagram/fault-harness'
import { type Chat, type ChatMessage, fileBackend, folderBackend, openChat } from '../src/index.ts'
import { ALICE, envelope, storedMessages, texts } from './chat-world.ts'
import { everyPiece } from './every-piece.ts'
import { MemoryBackend } from './memory-backend.ts'

async function all(chat: Chat, options = {}): Promise<ChatMessage[]> {
  const found: ChatMessage[] = []
  for await (const one of chat.messages('bob.eth', { order: 'oldest', ...options })) found.push(one)
  return found
}

async function openBoth() {
  const backend = new MemoryBackend()
  const alice = await openChat({ ...ALICE, backend })
  const bobs = { ...ALICE, account: 'bob.eth', sign: (text: string) => `bob: ${text.length}` }
  const bob = await openChat({ ...bobs, backend: new MemoryBackend() })
  return { backend, alice, bob }
}

describe('messages about messages', () => {
  it('are kept with the message, and not shown beside it', async () => {
    const { alice, bob } = await openBoth()
    const sent = await bob.send('alice.eth', 'Hello Alcie')
    for (const written of [
      sent,
      await bob.edit('alice.eth', sent, 'Hello Alice'),
      await bob.react('alice.eth', sent, '🎉'),
      await bob.requestDelete('alice.eth', sent),
      await bob.reply('alice.eth', sent, 'and more', { attachments: ['sha256:1'] }),
    ]) {
      await alice.addMessage('bob.eth', written.envelope)
    }
    await alice.react('bob.eth', sent, '👍')
    await alice.react('bob.eth', sent, '❤')
    await alice.receipt('bob.eth', sent, 'READ_RECEIVED')
    await alice.receipt('bob.eth', sent)
    const [first, second, ...more] = await all(alice)
    expect(more).toEqual([])
    expect(first).toMatchObject({ text: 'Hello Alice', isDeleteRequested: true, hash: sent.hash })
    expect(first?.envelope).toEqual(sent.envelope)
    expect(first?.editedAt).toBeGreaterThan(sent.timestamp)
    expect(first?.reactions.map(({ from, message }) => [from, message])).toEqual([
      ['bob.eth', '🎉'],
      ['alice.eth', '❤'],
    ])
    expect(first?.receipts.map(({ type }) => type)).toEqual(['READ_RECEIVED', 'READ_OPENED'])
    expect(second).toMatchObject({ text: 'and more', replyTo: sent.hash })
    expect(second?.envelope.message.attachments).toEqual(['sha256:1'])
    await alice.react('bob.eth', sent, '')
    expect((await all(alice))[0]?.reactions.length).toBe(1)
    expect((await all(alice, { notes: true })).length).toBe(10)
    expect(await alice.count('bob.eth')).toBe(10)
  })

  it('may come before what they are about, twice, and from somebody else', async () => {
    const { alice, bob } = await openBoth()
    const sent = await bob.send('alice.eth', 'first')
    const edits = [
      await bob.edit('alice.eth', sent, 'second'),
      await bob.edit('alice.eth', sent, 'third'),
    ]
    for (const edit of edits.reverse()) await alice.addMessage('bob.eth', edit.envelope)
    await alice.edit('bob.eth', sent, 'not hers')
    expect(await all(alice)).toEqual([])
    await alice.addMessage('bob.eth', sent.envelope)
    for (const edit of edits) await alice.addMessage('bob.eth', edit.envelope)
    expect((await all(alice)).map(({ text }) => text)).toEqual(['third'])
  })

  it('are what is appended, not the chunk', async () => {
    const { alice, backend } = await openBoth()
    await alice.addMessages(
      'bob.eth',
      Array.from({ length: 1000 }, (_, i) => envelope(i, `${i}`)),
    )
    const [first] = await all(alice, { limit: 1 })
    backend.written = 0
    await alice.react('bob.eth', first as ChatMessage, '👍')
    expect(backend.written).toBeLessThan(1200)
    const again = await openChat({ ...ALICE, backend })
    expect((await all(again, { limit: 1 }))[0]?.reactions.length).toBe(1)
    await storedMessages(backend, { chunkBytesMax: 500_000 })
  })

  it('of an envelope that says what a chat knows are refused', async () => {
    const { alice } = await openBoth()
    const odd = { ...envelope(1, 'a'), datagram: { hash: '0x' } }
    await expect(alice.addMessage('bob.eth', odd)).rejects.toMatchObject({
      code: 'CHAT_MESSAGE_INVALID',
    })
  })
})

describe('what is taken away', () => {
  it.each([
    ['a folder', folderBackend, ''],
    ['a file', fileBackend, 'chats'],
  ] as const)('is in no byte of %s, even for who has the key', async (_, open, name) => {
    await using folder = await temporaryFolder()
    const path = folder.join('place', name)
    await mkdir(folder.join('place'))
    const chat = await openChat({ ...ALICE, backend: open(path) })
    const secret = await chat.send('bob.eth', 'a secret')
    const typo = await chat.send('bob.eth', 'a typo')
    await chat.edit('bob.eth', typo, 'another typo')
    await chat.react('bob.eth', secret, 'a revealing reaction')
    const times = [secret.timestamp, typo.timestamp]
    // The search does find what is there.
    expect(everyPiece(await filesIn(folder.join('place')), times)).toContain('a secret')
    await chat.edit('bob.eth', typo, 'no typo', { history: 'forget' })
    expect(await chat.delete('bob.eth', secret)).toBe(true)
    expect(await chat.delete('bob.eth', secret)).toBe(false)
    expect((await all(chat)).map(({ text, hash }) => [text, hash])).toEqual([
      ['no typo', typo.hash],
    ])
    // The message as it was sent is the same message still.
    expect(await chat.addMessage('bob.eth', typo.envelope)).toMatchObject({ isNew: false })
    await chat.close()
    const opened = everyPiece(await filesIn(folder.join('place')), times)
    expect(opened).toContain('no typo')
    for (const gone of ['secret', 'a typo', 'another', 'revealing']) {
      expect(opened).not.toContain(gone)
    }
  })

  it('takes an empty conversation with it', async () => {
    const { alice, backend } = await openBoth()
    const { hash } = await alice.send('bob.eth', 'alone')
    await alice.hide('bob.eth')
    expect(await alice.delete('bob.eth', { hash })).toBe(true)
    expect(await storedMessages(backend, { chunkBytesMax: 500_000 })).toEqual(new Map())
    for await (const one of alice.conversations({ hidden: true })) expect(one).toBeUndefined()
    expect(await texts(alice, 'bob.eth')).toEqual([])
  })
})

async function filesIn(folder: string): Promise<Uint8Array[]> {
  return Promise.all((await readdir(folder)).map((name) => readFile(`${folder}/${name}`)))
}

describe('time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('takes away what a conversation lets live no longer', async () => {
    const { alice, backend } = await openBoth()
    await alice.send('bob.eth', 'old')
    vi.setSystemTime(1_050_000)
    await alice.send('bob.eth', 'new')
    await alice.send('max.eth', 'for ever')
    await alice.expireAfter('bob.eth', 60_000)
    expect(await texts(alice, 'bob.eth')).toEqual(['old', 'new'])
    expect(await alice.expire()).toBe(0)
    vi.setSystemTime(1_080_000)
    expect(await texts(alice, 'bob.eth')).toEqual(['new'])
    expect(await texts(alice, 'bob.eth', { around: 0 })).toEqual(['new'])
    const again = await openChat({ ...ALICE, backend })
    expect(await texts(again, 'bob.eth')).toEqual(['new'])
    expect(await again.count('bob.eth')).toBe(2)
    expect(await again.expire()).toBe(1)
    expect(await again.count('bob.eth')).toBe(1)
    vi.setSystemTime(2_000_000)
    expect(await again.expire()).toBe(1)
    const stored = await storedMessages(backend, { chunkBytesMax: 500_000 })
    expect([...stored.keys()]).toEqual(['max.eth'])
  })
})

describe('a conversation', () => {
  it('is hidden and shown again', async () => {
    const { alice, backend } = await openBoth()
    await alice.send('bob.eth', 'a')
    await alice.send('max.eth', 'b')
    await alice.hide('BOB.eth')
    const again = await openChat({ ...ALICE, backend })
    const listed = async (options = {}) => {
      const found: [string, boolean][] = []
      for await (const { contact, isHidden } of again.conversations(options)) {
        found.push([contact, isHidden])
      }
      return found
    }
    expect(await listed()).toEqual([['max.eth', false]])
    expect(await listed({ hidden: true })).toEqual([
      ['bob.eth', true],
      ['max.eth', false],
    ])
    await again.hide('bob.eth', { hidden: false })
    expect((await listed()).length).toBe(2)
  })
})
