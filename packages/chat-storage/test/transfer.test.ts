import { readFile, stat, writeFile } from 'node:fs/promises'
import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  type Chat,
  type ChatBackend,
  type ChatMessage,
  databaseBackend,
  type Envelope,
  fileBackend,
  openChat,
} from '../src/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { mapDatabase, places } from './places.ts'
import { streamPlace } from './stream-place.ts'

const openAlice = (backend: ChatBackend = new MemoryBackend(), options: object = {}) =>
  openChat({ ...ALICE, backend, chunkBytesMax: 2000, ...options })

interface Written<C extends Chat = Chat> {
  readonly chat: C
  /** A message that was deleted, and the reference of an attachment. */
  readonly deleted: Envelope
  readonly reference: string
}

/** Writes something of every kind. */
async function writeAll<C extends Chat>(chat: C): Promise<Written<C>> {
  for (let i = 0; i < 40; i++) await chat.addMessage('bob.eth', envelope(i % 9, `message ${i}`))
  const typo = await chat.send('bob.eth', 'a typo')
  await chat.edit('bob.eth', typo, 'no typo', { history: 'forget' })
  const edited = await chat.send('bob.eth', 'as it was')
  await chat.edit('bob.eth', edited, 'as it is')
  await chat.react('bob.eth', edited, '👍')
  await chat.react('bob.eth', { hash: `0x${'a'.repeat(64)}` }, 'to what is not here')
  const attachment = await chat.attach(new Uint8Array(300_000).fill(7), { name: 'sevens' })
  await chat.reply('max.eth', edited, 'look', { attachments: [attachment.reference] })
  await chat.hide('max.eth')
  await chat.expireAfter('max.eth', 1e12)
  const gone = envelope(5, 'not again')
  await chat.delete('bob.eth', await chat.addMessage('bob.eth', gone))
  return { chat, deleted: gone, reference: attachment.reference }
}

/** All that a chat shows. */
async function shown(chat: Chat): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for await (const { contact, isHidden } of chat.conversations({ hidden: true })) {
    const messages: ChatMessage[] = []
    for await (const one of chat.messages(contact, { notes: true })) messages.push(one)
    const waiting = [...(await chat.waitingNotes(contact))]
    found[contact] = { isHidden, messages, waiting, count: await chat.count(contact) }
  }
  return found
}

async function read(chat: Chat, reference: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of chat.attachment(reference)) parts.push(part)
  return Buffer.concat(parts)
}

async function expectWhole(chat: Chat, { deleted, reference }: Written, all: unknown) {
  expect(await shown(chat)).toEqual(all)
  expect((await read(chat, reference)).equals(Buffer.alloc(300_000, 7))).toBe(true)
  expect(await chat.addMessage('bob.eth', deleted)).toMatchObject({ isNew: false })
}

async function keysIn(backend: ChatBackend): Promise<string[]> {
  const keys: string[] = []
  for await (const key of backend.list()) keys.push(key)
  return keys
}

describe('a chat', () => {
  it('moves from backend to backend, and leaves nothing behind', async () => {
    let chat = await openAlice()
    const written = await writeAll(chat)
    const all = await shown(chat)
    for (const create of [...Object.values(places), streamPlace]) {
      await using place = await create()
      const moved = await chat.moveTo(place.open())
      expect(await shown(chat)).toEqual({})
      await chat.close()
      await expectWhole(moved, written, all)
      await moved.close()
      const opened = await openAlice(place.open())
      await expectWhole(opened, written, all)
      chat = await opened.moveTo(new MemoryBackend())
      await opened.close()
      const left = place.open()
      expect(await keysIn(left)).toEqual([])
      await left.close?.()
    }
    await expectWhole(chat, written, all)
  })

  it.each(Object.entries({ ...places, stream: streamPlace }))(
    'is exported from a %s and imported into another, once and again',
    async (_, create) => {
      await using folder = await temporaryFolder()
      await using place = await create()
      await using other = await create()
      await using chat = await openAlice(place.open())
      const written = await writeAll(chat)
      const all = await shown(chat)
      const path = folder.join('export')
      const copied = await chat.export(path)
      expect(copied).toEqual({ messages: 46, attachments: 1 })
      const bytes = await readFile(path)
      await using imported = await openAlice(other.open())
      expect(await imported.import(path)).toEqual(copied)
      await expectWhole(imported, written, all)
      expect(await imported.import(path)).toEqual({ messages: 0, attachments: 0 })
      await expectWhole(imported, written, all)
      expect((await readFile(path)).equals(bytes)).toBe(true)
    },
  )

  it('goes to a service with another storage key, mode and signature', async () => {
    await using folder = await temporaryFolder()
    const chat = await openAlice()
    const written = await writeAll(chat)
    const elsewhere = { storageKey: new Uint8Array(32).fill(9), mode: 'dm3', sign: () => 'other' }
    const other = await openAlice(new MemoryBackend(), elsewhere)
    await other.import(chat)
    await expectWhole(other, written, await shown(chat))
    const path = folder.join('export')
    await chat.export(path, { storageKey: elsewhere.storageKey })
    const third = await openAlice()
    const imported = third.import(path)
    await expect(imported).rejects.toMatchObject({ code: 'CHAT_STORAGE_KEY_WRONG' })
    await third.import(path, { storageKey: elsewhere.storageKey })
    await expectWhole(third, written, await shown(chat))
  })

  it('is merged with another: nothing doubled, nothing lost, each told what the other knows', async () => {
    const [phone, laptop] = [await openAlice(), await openAlice()]
    const sent = await phone.send('bob.eth', 'as it was sent')
    await laptop.addMessage('bob.eth', sent.envelope)
    await laptop.edit('bob.eth', sent, 'as it was edited')
    await phone.react('bob.eth', sent, '👍')
    for (let i = 0; i < 60; i++) {
      for (const [n, chat] of [phone, laptop].entries()) {
        if (i % 3 !== n) await chat.addMessage('bob.eth', envelope(i % 7, `message ${i}`))
      }
    }
    await phone.import(laptop)
    await laptop.import(phone)
    expect(await phone.count('bob.eth')).toBe(63)
    // What was said about a message is told in whatever order it was heard.
    const sorted = async (chat: Chat) =>
      JSON.stringify(await shown(chat), (key, value) =>
        key === 'notes' ? [...value].map((note) => JSON.stringify(note)).sort() : value,
      )
    expect(await sorted(phone)).toEqual(await sorted(laptop))
    for await (const { hash, text, reactions } of phone.messages('bob.eth', { limit: 1 })) {
      expect({ hash, text }).toEqual({ hash: sent.hash, text: 'as it was edited' })
      expect(reactions.length).toBe(1)
    }
  })

  it('keeps what was deleted here away, and what it has itself', async () => {
    const [here, there] = [await openAlice(), await openAlice()]
    const one = envelope(1, 'deleted there')
    const two = envelope(2, 'deleted here')
    for (const chat of [here, there]) await chat.addMessages('bob.eth', [one, two])
    await there.delete('bob.eth', await there.addMessage('bob.eth', one))
    await here.delete('bob.eth', await here.addMessage('bob.eth', two))
    expect(await here.import(there)).toEqual({ messages: 0, attachments: 0 })
    expect(await texts(here, 'bob.eth')).toEqual(['deleted there'])
    // It is no message that was deleted: what is said about it counts.
    const { hash } = await here.addMessage('bob.eth', one)
    expect((await here.react('bob.eth', { hash }, '👍')).hash).toBeDefined()
    expect(await here.count('bob.eth')).toBe(2)
  })

  it('is exported in part: by contact, and by time', async () => {
    await using folder = await temporaryFolder()
    const { chat, reference } = await writeAll(await openAlice())
    const [byContact, byTime] = [folder.join('max'), folder.join('early')]
    await chat.export(byContact, { contact: 'MAX.eth' })
    await chat.export(byTime, { from: 3, to: 6 })
    const max = await openAlice()
    await max.import(byContact)
    expect(Object.keys(await shown(max))).toEqual(['max.eth'])
    expect((await read(max, reference)).length).toBe(300_000)
    const early = await openAlice()
    await early.import(byTime)
    const expected = await texts(chat, 'bob.eth', { after: 2, before: 6 })
    expect(expected.length).toBeGreaterThan(10)
    expect(await texts(early, 'bob.eth')).toEqual(expected)
    await early.import(chat, { contact: 'bob.eth', to: 1 })
    expect(await early.count('bob.eth')).toBe(expected.length + 5)
  })

  it('is written as JSON that people can read, a line for each message', async () => {
    const { chat } = await writeAll(await openAlice())
    // The time of the specification's example, and one that is no date.
    await chat.addMessages('bob.eth', [
      envelope(16759549450000, 'later'),
      envelope(2 ** 53 - 1, 'a'),
    ])
    let text = ''
    for await (const part of chat.exportJson()) text += part
    const { account, conversations } = JSON.parse(text)
    expect(account).toBe('alice.eth')
    const [bob, max] = conversations
    expect(bob.messages.length).toBe(44)
    expect(text.split('\n').length).toBe(1 + 2 + bob.messages.length + max.messages.length + 1)
    expect(bob.messages[0]).toMatchObject({ time: '1970-01-01T00:00:00.000Z', timestamp: 0 })
    expect(bob.messages.at(-2)).toMatchObject({ time: '2501-02-02T06:24:10.000Z', text: 'later' })
    expect(text).toContain('as it is')
    expect(text).not.toContain('a typo')
    expect(max.messages[0]).toMatchObject({ type: 'REPLY', attachments: [{ name: 'sevens' }] })
  })
})

describe('what cannot be exported, imported or moved', () => {
  const coded = (code: string) => ({ code })

  it('says so, and changes nothing', async () => {
    await using folder = await temporaryFolder()
    const { chat } = await writeAll(await openAlice())
    const all = await shown(chat)
    const path = folder.join('export')
    await expect(chat.import(folder.join('none'))).rejects.toMatchObject(
      coded('CHAT_EXPORT_MISSING'),
    )
    await expect(stat(folder.join('none'))).rejects.toMatchObject(coded('ENOENT'))
    await chat.export(path)
    const max = await openAlice(new MemoryBackend(), { account: 'max.eth' })
    await expect(max.import(path)).rejects.toMatchObject(coded('CHAT_EXPORT_MISSING'))
    await expect(max.import(chat)).rejects.toThrow(TypeError)
    await expect(chat.import(chat)).rejects.toThrow(TypeError)
    const dm3 = await openAlice(new MemoryBackend(), { mode: 'dm3' })
    await expect(dm3.import(path)).rejects.toMatchObject(coded('CHAT_MODE_MISMATCH'))
    const small = await openAlice(new MemoryBackend(), { chunkBytesMax: 100 })
    await expect(small.import(path)).rejects.toMatchObject(coded('CHAT_MESSAGE_TOO_LARGE'))
    const full = await openAlice()
    await full.addMessage('bob.eth', envelope(1, 'a'))
    await expect(chat.moveTo(full)).rejects.toMatchObject(coded('CHAT_NOT_EMPTY'))
    expect(await texts(full, 'bob.eth')).toEqual(['a'])
    const whole = await readFile(path)
    await writeFile(path, whole.subarray(0, -1000))
    await expect(max.import(path)).rejects.toMatchObject(coded('CHAT_FILE_TRUNCATED'))
    await writeFile(
      path,
      Buffer.concat([whole.subarray(0, 3000), Buffer.alloc(9), whole.subarray(3009)]),
    )
    const fresh = await openAlice()
    await expect(fresh.import(path)).rejects.toMatchObject({
      code: /^CHAT_(FILE|CONTAINER)_DAMAGED$/,
    })
    await chat.close()
    await expect(async () => chat.export(path)).rejects.toMatchObject(coded('CHAT_CLOSED'))
    expect(all).not.toEqual({})
  })

  it('of an empty chat is an empty file', async () => {
    await using folder = await temporaryFolder()
    await (await openAlice()).export(folder.join('export'))
    const chat = await openAlice()
    expect(await chat.import(folder.join('export'))).toEqual({ messages: 0, attachments: 0 })
  })

  it('an export that fails leaves the one before', async () => {
    await using folder = await temporaryFolder()
    const backend = new MemoryBackend()
    const chat = await openAlice(backend, { cacheBytes: 0 })
    await writeAll(chat)
    const path = folder.join('export')
    await chat.export(path)
    const before = await readFile(path)
    const chunk = [...backend.stored].find(([, value]) => value.length > 1000) as [
      string,
      Uint8Array,
    ]
    backend.stored.set(chunk[0], chunk[1].subarray(0, -1))
    const again = await openAlice(backend)
    await expect(again.export(path)).rejects.toMatchObject(coded('CHAT_CONTAINER_DAMAGED'))
    expect((await readFile(path)).equals(before)).toBe(true)
    await expect(stat(`${path}.new`)).rejects.toMatchObject(coded('ENOENT'))
    await using opened = await openAlice(fileBackend(path))
    expect(await opened.count('max.eth')).toBe(1)
  })

  it('a move that fails anywhere leaves everything here and nothing there', async () => {
    const source = new MemoryBackend()
    const { chat } = await writeAll(await openAlice(source))
    const all = await shown(chat)
    let failed = 0
    for (let failing = 1; ; failing++) {
      const values = new Map<string, Uint8Array>()
      const database = mapDatabase(values)
      let calls = 0
      const backend = databaseBackend({
        ...database,
        batch: async (operations) => {
          if (++calls === failing) throw new Error('the database is gone')
          for (const operation of operations) {
            if (operation.type === 'set') await database.set(operation.key, operation.value)
            else await database.del(operation.key)
          }
        },
      })
      const moved = await chat.moveTo(backend).catch((error: unknown) => error)
      if (!(moved instanceof Error)) break
      failed++
      expect(moved).toMatchObject(coded('CHAT_BACKEND_FAILED'))
      expect(await shown(chat)).toEqual(all)
      expect(await keysIn(databaseBackend(database))).toEqual([])
    }
    expect(failed).toBeGreaterThan(5)
    expect(await shown(chat)).toEqual({})
    expect(source.stored.size).toBe(0)
  })

  it('a move whose own place fails at the end is none', async () => {
    const source = new MemoryBackend()
    const { chat } = await writeAll(await openAlice(source))
    const all = await shown(chat)
    const target = new MemoryBackend()
    const keys = [...source.stored.keys()]
    source.failing = new Error('the disk is full')
    await expect(chat.moveTo(target)).rejects.toMatchObject(coded('CHAT_BACKEND_FAILED'))
    source.failing = undefined
    expect(await shown(chat)).toEqual(all)
    expect(target.stored.size).toBe(0)
    expect([...source.stored.keys()]).toEqual(keys)
  })
})
