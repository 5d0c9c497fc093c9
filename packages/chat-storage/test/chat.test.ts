import { describe, expect, it } from 'vitest'
import { type Envelope, messageHash, openChat } from '../src/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

async function openAlice(options: object = {}) {
  const backend = new MemoryBackend()
  return { backend, chat: await openChat({ ...ALICE, backend, ...options }) }
}

describe('messages', () => {
  it('come newest first, or oldest first, by time and not by arrival', async () => {
    const { chat } = await openAlice()
    for (const at of [30, 10, 20]) await chat.addMessage('bob.eth', envelope(at, `at ${at}`))
    const found: string[] = []
    for await (const { envelope: one } of chat.messages('bob.eth')) {
      found.push(one.message.message ?? '')
    }
    expect(found).toEqual(['at 30', 'at 20', 'at 10'])
    expect(await texts(chat, 'bob.eth')).toEqual(['at 10', 'at 20', 'at 30'])
    expect(await texts(chat, 'nobody.eth')).toEqual([])
  })

  it('are found before, after and around a time or a message', async () => {
    const { chat } = await openAlice({ chunkBytesMax: 600 })
    const all = Array.from({ length: 40 }, (_, i) => envelope(i * 10, `${i}`))
    await chat.addMessages('bob.eth', all)
    const range = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `${from + i}`)
    expect(await texts(chat, 'bob.eth', { before: 100 })).toEqual(range(0, 10))
    expect(await texts(chat, 'bob.eth', { after: 300 })).toEqual(range(31, 40))
    expect(await texts(chat, 'bob.eth', { after: 95, before: 205 })).toEqual(range(10, 21))
    expect(await texts(chat, 'bob.eth', { around: 200, limit: 6 })).toEqual(range(17, 23))
    expect(await texts(chat, 'bob.eth', { around: 0, limit: 6 })).toEqual(range(0, 6))
    expect(await texts(chat, 'bob.eth', { around: 9999, limit: 6 })).toEqual(range(34, 40))
    expect(await texts(chat, 'bob.eth', { around: 9999, limit: 0 })).toEqual([])
    expect(await texts(chat, 'bob.eth', { order: 'newest', limit: 2 })).toEqual(['39', '38'])
    const [, second] = all
    const place = { timestamp: 10, hash: messageHash((second as Envelope).message) }
    expect(await texts(chat, 'bob.eth', { before: place })).toEqual(['0'])
    expect(await texts(chat, 'bob.eth', { after: place, limit: 1 })).toEqual(['2'])
  })

  it('of one time are found page by page, also where they fill several chunks', async () => {
    const { chat } = await openAlice({ chunkBytesMax: 600 })
    await chat.addMessages(
      'bob.eth',
      Array.from({ length: 30 }, (_, i) => envelope(5, `${i}`)),
    )
    const forwards: string[] = []
    for (let after: { timestamp: number; hash: string } | undefined; ; ) {
      let found = 0
      for await (const message of chat.messages('bob.eth', { after, limit: 7, order: 'oldest' })) {
        forwards.push(message.envelope.message.message ?? '')
        after = message
        found++
      }
      if (found === 0) break
    }
    expect(forwards.map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    )
    expect(forwards).toEqual(await texts(chat, 'bob.eth'))
    expect(await texts(chat, 'bob.eth', { before: 5 })).toEqual([])
    expect(await texts(chat, 'bob.eth', { after: 5 })).toEqual([])
    expect((await texts(chat, 'bob.eth', { around: 5, limit: 100 })).length).toBe(30)
  })

  it('that come again are one message, and so are two in one call', async () => {
    const { chat } = await openAlice()
    const one = envelope(1, 'once')
    expect(await chat.addMessage('bob.eth', one)).toEqual({
      timestamp: 1,
      hash: messageHash(one.message),
      isNew: true,
    })
    const again = { postmark: 'another', ...one }
    const added = await chat.addMessages('bob.eth', [again, envelope(2, 'two'), envelope(2, 'two')])
    expect(added.map(({ isNew }) => isNew)).toEqual([false, true, false])
    expect(await chat.count('bob.eth')).toBe(2)
  })

  it('keep every field, and are copies', async () => {
    const { chat } = await openAlice()
    const sent = {
      message: {
        message: 'ü 😀 \ud800',
        metadata: { type: 'X', from: 'a', to: 'b', timestamp: 0, '10': [1], '9': { z: null } },
        ['__proto__' as string]: 'odd',
      },
      metadata: { version: 'v1' },
    }
    await chat.addMessage('bob.eth', sent)
    sent.metadata.version = 'changed'
    for await (const message of chat.messages('bob.eth')) {
      expect(JSON.stringify(message.envelope.message.metadata['9'])).toBe('{"z":null}')
      expect(message.envelope.message.message).toBe('ü 😀 \ud800')
      expect(message.envelope['metadata']).toEqual({ version: 'v1' })
      expect(message.hash).toBe(messageHash(sent.message))
    }
  })
})

describe('contacts', () => {
  it('are one however they are written', async () => {
    const { chat } = await openAlice()
    await chat.addMessage('BOB.eth', envelope(1, 'a'))
    await chat.addMessage('bob.eth', envelope(2, 'b'))
    await chat.addMessage('0x123..ABC.addr.dm3.eth', envelope(1, 'c'))
    await chat.addMessage('Ada\u0308 Lovelace', envelope(1, 'd'))
    await chat.addMessage('ad\u00e4 lovelace', envelope(2, 'e'))
    const listed: string[] = []
    for await (const { contact } of chat.conversations()) listed.push(contact)
    expect(listed).toEqual(['0x123..abc.addr.dm3.eth', 'ad\u00e4 lovelace', 'bob.eth'])
    expect(await texts(chat, 'AD\u00c4 LOVELACE')).toEqual(['d', 'e'])
    const page: string[] = []
    for await (const { contact } of chat.conversations({ cursor: 'AD\u00c4 lovelace', limit: 1 })) {
      page.push(contact)
    }
    expect(page).toEqual(['bob.eth'])
  })
})

describe('what is stored', () => {
  it('grows by about a message for a message', async () => {
    const { chat, backend } = await openAlice()
    await chat.addMessages(
      'bob.eth',
      Array.from({ length: 1000 }, (_, i) => envelope(i, `${i}`)),
    )
    backend.written = 0
    await chat.addMessage('bob.eth', envelope(5000, 'a message'))
    expect(backend.written).toBeLessThan(300)
  })

  it('is found among 100,000 messages by reading a list and two chunks at most', async () => {
    const { backend, chat } = await openAlice({ chunkBytesMax: 10_000 })
    for (let contact = 0; contact < 200; contact++) {
      await chat.addMessages(
        `${contact}.eth`,
        Array.from({ length: 500 }, (_, i) => envelope(i * 7, `${i}`)),
      )
    }
    for (let around = 0; around <= 3600; around += 199) {
      const fresh = await openChat({ ...ALICE, backend, chunkBytesMax: 10_000 })
      backend.gets = 0
      expect((await texts(fresh, '103.eth', { around, limit: 50 })).length).toBe(50)
      expect(backend.gets).toBeLessThanOrEqual(3)
    }
  })
})
