import { isDatagramError } from '@datagram/errors'
import { seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type ChatErrorCode, type Envelope, openChat } from '../src/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

async function codeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    if (isDatagramError(error)) return error.code
    throw error
  }
  return 'no error'
}

async function storedChat(options: object = {}) {
  const backend = new MemoryBackend()
  const chat = await openChat({ ...ALICE, backend, ...options })
  await chat.addMessages('bob.eth', [envelope(10, 'first'), envelope(20, 'second')])
  await chat.addMessage('bob.eth', envelope(30, 'third'))
  return { backend, chat }
}

describe('a message that is none', () => {
  const metadata = { type: 'NEW', from: 'a', to: 'b', timestamp: 1 }
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const malformed: readonly (readonly [string, unknown, ChatErrorCode])[] = [
    ['null', null, 'CHAT_MESSAGE_INVALID'],
    ['a list', [], 'CHAT_MESSAGE_INVALID'],
    ['no message', {}, 'CHAT_MESSAGE_INVALID'],
    ['no metadata', { message: {} }, 'CHAT_MESSAGE_INVALID'],
    ['no type', { message: { metadata: { ...metadata, type: 1 } } }, 'CHAT_MESSAGE_INVALID'],
    ['text that is none', { message: { metadata, message: 1 } }, 'CHAT_MESSAGE_INVALID'],
    ['attachments', { message: { metadata, attachments: [1] } }, 'CHAT_MESSAGE_INVALID'],
    ['a circle', { message: { metadata }, cyclic }, 'CHAT_MESSAGE_INVALID'],
    ['a bigint', { message: { metadata }, big: 1n }, 'CHAT_MESSAGE_INVALID'],
    ...[-1, 0.5, NaN, Infinity, 2 ** 53, '1', undefined].map(
      (timestamp) =>
        [
          `the timestamp ${String(timestamp)}`,
          { message: { metadata: { ...metadata, timestamp } } },
          'CHAT_TIMESTAMP_INVALID',
        ] as const,
    ),
  ]

  it.each(malformed)('is refused, and nothing with it is stored: %s', async (_, bad, code) => {
    const { chat } = await storedChat()
    const both = [envelope(40, 'good'), bad as Envelope]
    expect(await codeOf(() => chat.addMessages('bob.eth', both))).toBe(code)
    expect(await texts(chat, 'bob.eth')).toEqual(['first', 'second', 'third'])
  })

  it('is refused when it is too large, or too far ahead', async () => {
    const { chat } = await storedChat({ messageBytesMax: 200, maxFutureMs: 1000 })
    const large = envelope(1, 'x'.repeat(200))
    expect(await codeOf(() => chat.addMessage('bob.eth', large))).toBe('CHAT_MESSAGE_TOO_LARGE')
    const ahead = envelope(Date.now() + 100_000, 'soon')
    expect(await codeOf(() => chat.addMessage('bob.eth', ahead))).toBe('CHAT_TIMESTAMP_AHEAD')
    await chat.addMessage('bob.eth', envelope(Date.now(), 'now'))
  })

  it('may be as large as a chunk', async () => {
    const { chat, backend } = await storedChat({ chunkBytesMax: 500 })
    const room = 500 - Buffer.byteLength(JSON.stringify(envelope(15, '')))
    await chat.addMessage('bob.eth', envelope(15, 'x'.repeat(room)))
    expect((await texts(chat, 'bob.eth')).length).toBe(4)
    await chat.close()
    const again = await openChat({ ...ALICE, backend })
    expect((await texts(again, 'bob.eth')).length).toBe(4)
  })

  it.each(['', '\u0000', 'x'.repeat(1025), '\ud800'])('has no contact %j', async (name) => {
    const { chat } = await storedChat()
    const add = () => chat.addMessage(name, envelope(1, 'a'))
    expect(await codeOf(add)).toBe('CHAT_NAME_INVALID')
  })

  it('does not fit a limit that makes no sense', async () => {
    const backend = new MemoryBackend()
    const limits = { chunkBytesMax: 10, messageBytesMax: 11 }
    await expect(openChat({ ...ALICE, backend, ...limits })).rejects.toThrow(TypeError)
    const warnings: string[] = []
    const logger = { warn: (message: string) => void warnings.push(message) }
    await openChat({ ...ALICE, backend, chunkBytesMax: 10_000, logger })
    expect(warnings.length).toBe(1)
  })
})

describe('a chat is not opened', () => {
  it.each([
    ['CHAT_STORAGE_KEY_WRONG', { storageKey: new Uint8Array(32) }],
    ['CHAT_SIGNATURE_CHANGED', { sign: () => 'another' }],
    ['CHAT_MODE_MISMATCH', { mode: 'dm3' }],
  ] as const)('%s', async (code, wrong) => {
    const { backend } = await storedChat()
    expect(await codeOf(() => openChat({ ...ALICE, backend, ...wrong }))).toBe(code)
    const right = await openChat({ ...ALICE, backend })
    expect(await texts(right, 'bob.eth')).toEqual(['first', 'second', 'third'])
  })

  it('when it is closed', async () => {
    const { chat } = await storedChat()
    await chat.close()
    await chat.close()
    expect(await codeOf(() => chat.addMessage('bob.eth', envelope(1, 'a')))).toBe('CHAT_CLOSED')
    expect(await codeOf(() => texts(chat, 'bob.eth'))).toBe('CHAT_CLOSED')
    expect(await codeOf(() => chat.count('bob.eth'))).toBe('CHAT_CLOSED')
  })
})

describe('a container that was changed', () => {
  it('opens nowhere, and takes nothing else with it', async () => {
    await seededRun(async (random) => {
      const { backend } = await storedChat()
      const whole = new Map(backend.stored)
      for (const [key, value] of whole) {
        for (let round = 0; round < 60; round++) {
          const bytes = new Uint8Array(value)
          const at = random.between(0, bytes.length)
          bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 8))
          const cut = random.between(0, bytes.length)
          backend.stored.set(key, random.chance() ? bytes : value.subarray(0, cut))
          const code = await codeOf(async () => {
            const chat = await openChat({ ...ALICE, backend })
            const found = await texts(chat, 'bob.eth')
            // Whole pieces that are gone from the end cannot be missed here: see the backends.
            expect(['first', 'second', 'third'].slice(0, found.length)).toEqual(found)
            expect(found.length).toBeGreaterThanOrEqual(2)
          })
          const coded = ['CHAT_CONTAINER_DAMAGED', 'CHAT_FORMAT_UNKNOWN', 'CHAT_STORAGE_KEY_WRONG']
          const expected = cut === 0 || code === 'no error' ? ['no error', ...coded] : coded
          expect(expected).toContain(code)
        }
        backend.stored.set(key, value)
      }
      expect(await texts(await openChat({ ...ALICE, backend }), 'bob.eth')).toHaveLength(3)
    })
  })

  it('is not taken for another one, nor are its pieces', async () => {
    const { backend, chat } = await storedChat()
    await chat.addMessage('max.eth', envelope(10, 'of another'))
    await chat.addMessage('max.eth', envelope(20, 'of another, later'))
    const containers = [...backend.stored]
    for (const [key, value] of containers) {
      for (const [other, foreign] of containers) {
        if (key === other) continue
        backend.stored.set(key, foreign)
        const code = await codeOf(async () => {
          const again = await openChat({ ...ALICE, backend })
          await texts(again, 'bob.eth')
          await texts(again, 'max.eth')
          for await (const _ of again.search('of'));
        })
        expect(code).toBe('CHAT_CONTAINER_DAMAGED')
      }
      backend.stored.set(key, value)
    }
  })

  it('is missed when it is gone', async () => {
    const { backend } = await storedChat()
    let missed = 0
    for (const [key, value] of [...backend.stored]) {
      backend.stored.delete(key)
      const code = await codeOf(async () => texts(await openChat({ ...ALICE, backend }), 'bob.eth'))
      if (code === 'CHAT_CONTAINER_MISSING') missed++
      backend.stored.set(key, value)
    }
    expect(missed).toBe(1)
  })
})

describe('a backend that fails', () => {
  it('leaves what was stored, and is asked again', async () => {
    const { backend, chat } = await storedChat()
    backend.failing = new Error('no room')
    const add = () => chat.addMessage('bob.eth', envelope(25, 'late'))
    expect(await codeOf(add)).toBe('CHAT_BACKEND_FAILED')
    expect(await texts(chat, 'bob.eth')).toEqual(['first', 'second', 'third'])
    backend.failing = undefined
    await add()
    expect(await texts(chat, 'bob.eth')).toEqual(['first', 'second', 'late', 'third'])
  })
})
