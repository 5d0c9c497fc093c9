import { describe, expect, it } from 'vitest'
import { openChat } from '../src/index.ts'
import { ALICE, envelope, storedMessages, texts } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { TestClock } from './test-clock.ts'

async function openedChat(options: object = {}) {
  const [backend, clock] = [new MemoryBackend(), new TestClock()]
  const chat = await openChat({ ...ALICE, backend, clock, ...options })
  return { backend, clock, chat }
}

const POLL = { timeout: 30_000 }
const stored = (backend: MemoryBackend) => storedMessages(backend, { chunkBytesMax: 500_000 })

/** Waits until so many messages are stored, letting steps be made that are due now. */
async function expectStored(
  { backend, clock }: { readonly backend: MemoryBackend; readonly clock: TestClock },
  count: number,
): Promise<void> {
  const found = async () => {
    clock.pass(0)
    return [...(await stored(backend)).values()].flat().length
  }
  await expect.poll(found, POLL).toBe(count)
}

describe('messages expire', () => {
  it('when their time comes, without a call', async () => {
    const { chat, backend, clock } = await openedChat()
    await chat.send('bob.eth', 'old')
    await chat.expireAfter('bob.eth', 60_000)
    await chat.send('max.eth', 'for ever')
    clock.pass(50_000)
    await chat.send('bob.eth', 'new')
    await expectStored({ backend, clock }, 3)
    clock.pass(10_001)
    await expectStored({ backend, clock }, 2)
    expect(await texts(chat, 'bob.eth')).toEqual(['new'])
    clock.pass(50_000)
    await expectStored({ backend, clock }, 1)
    expect([...(await stored(backend)).keys()]).toEqual(['max.eth'])
  })

  it('also those that come when the conversation was empty in between', async () => {
    const { chat, backend, clock } = await openedChat()
    await chat.expireAfter('bob.eth', 60_000)
    for (const _ of [1, 2]) {
      await chat.send('bob.eth', 'once more')
      await expectStored({ backend, clock }, 1)
      clock.pass(60_001)
      await expectStored({ backend, clock }, 0)
    }
    await chat.expireAfter('bob.eth', undefined)
    await chat.send('bob.eth', 'for ever')
    clock.pass(1e9)
    await expectStored({ backend, clock }, 1)
  })

  it('at the next open, where nobody was there when their time came', async () => {
    const { chat, backend, clock } = await openedChat()
    await chat.send('bob.eth', 'old')
    await chat.expireAfter('bob.eth', 60_000)
    await chat.close()
    expect(clock.waiting).toBe(0)
    clock.pass(60_001)
    expect((await stored(backend)).size).toBe(1)
    await using _ = await openChat({ ...ALICE, backend, clock })
    await expectStored({ backend, clock }, 0)
  })

  it('a few at a time', async () => {
    const { chat, backend, clock } = await openedChat({ chunkBytesMax: 200 })
    const written = Array.from({ length: 40 }, (_, i) => envelope(i, `message ${i}`))
    await chat.addMessages('bob.eth', written)
    await chat.expireAfter('bob.eth', 1)
    const steps = backend.commits
    await expectStored({ backend, clock }, 0)
    expect(backend.commits - steps).toBeGreaterThanOrEqual(5)
  })

  it('later, where a step fails, and who logs hears of it', async () => {
    const warnings: string[] = []
    const logger = { warn: (message: string) => void warnings.push(message) }
    const { chat, backend, clock } = await openedChat({ logger })
    await chat.send('bob.eth', 'old')
    await chat.expireAfter('bob.eth', 60_000)
    backend.failing = new Error('the disk is gone')
    clock.pass(60_001)
    await expect.poll(() => warnings.length, POLL).toBe(1)
    expect(warnings[0]).toContain('the disk is gone')
    backend.failing = undefined
    clock.pass(60_000)
    await expectStored({ backend, clock }, 0)
  })

  it('before they come: what is too old already is not stored', async () => {
    const { chat, backend, clock } = await openedChat()
    await chat.expireAfter('bob.eth', 60_000)
    clock.pass(60_002)
    const late = envelope(1_000_001, 'late')
    expect(await chat.addMessage('bob.eth', late)).toMatchObject({ isNew: false })
    await expectStored({ backend, clock }, 0)
  })
})
