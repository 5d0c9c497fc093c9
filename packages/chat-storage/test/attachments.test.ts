import { findBytes, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  type AttachmentContent,
  type Chat,
  type ChatAttachment,
  ChatDevices,
  type ChatMessage,
  openChat,
  parseAttachment,
} from '../src/index.ts'
import { ALICE, envelope } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { places } from './places.ts'
import { streamPlace } from './stream-place.ts'
import { TestClock } from './test-clock.ts'

const PART = 256 * 1024
const POLL = { timeout: 30_000 }

/** Content that differs from every other, and does not repeat itself. */
function contentOf(seed: number, bytes: number): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

function* inPieces(content: Uint8Array, bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < content.byteLength; at += bytes) yield content.subarray(at, at + bytes)
}

async function read(chat: Pick<Chat, 'attachment'>, reference: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of chat.attachment(reference)) parts.push(part)
  return Buffer.concat(parts)
}

const missing = expect.objectContaining({ code: 'CHAT_ATTACHMENT_MISSING' })
// Without what is stored to be searched for: containers are counted here.
const openAlice = (backend = new MemoryBackend(), options: object = {}) =>
  openChat({ ...ALICE, backend, searchIndex: false, ...options })

function naming(timestamp: number, ...attachments: ChatAttachment[]) {
  const { message } = envelope(timestamp, `message ${timestamp}`)
  return { message: { ...message, attachments: attachments.map(({ reference }) => reference) } }
}

async function expectKeys(backend: MemoryBackend, count: number): Promise<void> {
  await expect.poll(() => backend.stored.size, POLL).toBe(count)
}

describe('an attachment', () => {
  it.each(Object.entries({ ...places, stream: streamPlace }))(
    'is kept in a %s as it was, and goes with its last message',
    async (_, create) => {
      await using place = await create()
      const content = contentOf(1, 2 * PART + 1000)
      const before = await openChat({ ...ALICE, backend: place.open() })
      const names = { name: 'Ägypten & “Nil”.jpg', type: 'image/jpeg' }
      const attachment = await before.attach(inPieces(content, 70_001), names)
      const again = await before.attach(content, { name: 'the same' })
      expect(again.hash).toBe(attachment.hash)
      const first = await before.send('bob.eth', 'look', { attachments: [attachment.reference] })
      const second = await before.send('max.eth', 'look', { attachments: [again.reference] })
      await before.close()
      const chat = await openChat({ ...ALICE, backend: place.open() })
      for await (const { attachments } of chat.messages('bob.eth')) {
        expect(attachments).toEqual([attachment])
        expect(attachments[0]).toMatchObject({ ...names, bytes: content.byteLength })
      }
      expect((await read(chat, attachment.reference)).equals(content)).toBe(true)
      await chat.delete('bob.eth', first)
      expect((await read(chat, attachment.reference)).equals(content)).toBe(true)
      await chat.delete('max.eth', second)
      await expect(read(chat, attachment.reference)).rejects.toEqual(missing)
      await chat.close()
      const backend = place.open()
      const keys: string[] = []
      for await (const key of backend.list()) keys.push(key)
      // The mark, the root, and what was deleted.
      expect(keys.length).toBe(3)
      await backend.close?.()
    },
  )

  it('is stored once, a part at a time, and read as far as is asked for', async () => {
    const backend = new MemoryBackend()
    const chat = await openAlice(backend)
    const content = contentOf(2, 10 * PART)
    const stored: number[] = []
    function* watched() {
      for (const piece of inPieces(content, PART)) {
        stored.push(backend.stored.size)
        yield piece
      }
    }
    const attachment = await chat.attach(watched())
    // What is being written, and each part before the next is asked for.
    expect(stored).toEqual(Array.from({ length: 10 }, (_, part) => 1 + part))
    const size = backend.stored.size
    await chat.attach(content, { name: 'again' })
    expect(backend.stored.size).toBe(size)
    backend.gets = 0
    const parts = chat.attachment(attachment.reference)
    expect((await parts.next()).value?.byteLength).toBe(PART)
    expect(backend.gets).toBe(2)
    await parts.return()
  })

  it.each([0, 1, PART, PART + 1])('may have %i bytes', async (bytes) => {
    const chat = await openAlice()
    const content = contentOf(3, bytes)
    const { reference } = await chat.attach(content)
    expect((await read(chat, reference)).equals(content)).toBe(true)
  })

  it('may come after its message', async () => {
    const [alice, bob] = [await openAlice(), await openAlice()]
    const content = contentOf(4, 1000)
    const sent = await bob.attach(content, { name: 'a' })
    await alice.addMessage('bob.eth', naming(1, sent))
    await expect(read(alice, sent.reference)).rejects.toEqual(missing)
    await alice.attach(content)
    expect((await read(alice, sent.reference)).equals(content)).toBe(true)
    const [message] = await collected(alice)
    await alice.delete('bob.eth', message as ChatMessage)
    await expect(read(alice, sent.reference)).rejects.toEqual(missing)
  })

  it('goes when its last message expires', async () => {
    const [backend, clock] = [new MemoryBackend(), new TestClock()]
    const chat = await openAlice(backend, { clock })
    const attachment = await chat.attach(contentOf(5, PART + 1))
    await chat.send('bob.eth', 'look', { attachments: [attachment.reference] })
    await chat.expireAfter('bob.eth', 1000)
    clock.pass(1001)
    // The mark and the root.
    await expectKeys(backend, 2)
  })

  it('goes when it was never sent, or not stored to its end, once the chat is opened again', async () => {
    const [backend, clock] = [new MemoryBackend(), new TestClock()]
    const before = await openAlice(backend)
    const unsent = await before.attach(contentOf(6, PART + 1))
    const sent = await before.attach(contentOf(7, 10))
    await before.send('bob.eth', 'look', { attachments: [sent.reference] })
    let died = new Map<string, Uint8Array>()
    function* dying() {
      yield contentOf(8, 2 * PART)
      // As it is found when the process dies now.
      died = new Map(backend.stored)
    }
    await before.attach(dying())
    const found = new MemoryBackend()
    for (const [key, value] of died) found.stored.set(key, value)
    const chat = await openAlice(found, { clock })
    // One that is begun now stays.
    const begun = await chat.attach(contentOf(9, 20))
    clock.pass(0)
    await expect.poll(() => read(chat, unsent.reference).catch(() => 'gone'), POLL).toBe('gone')
    // The mark, root, conversation and chunk; two attachments of a part each; that one of them is not used yet.
    await expectKeys(found, 9)
    expect((await read(chat, begun.reference)).length).toBe(20)
    expect((await read(chat, sent.reference)).length).toBe(10)
  })

  it('leaves nothing where its source fails, or the backend does', async () => {
    const backend = new MemoryBackend()
    const chat = await openAlice(backend)
    function* failing() {
      yield contentOf(10, PART + 1)
      throw new Error('the camera is gone')
    }
    await expect(chat.attach(failing())).rejects.toThrow('the camera is gone')
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(chat.attach(contentOf(11, 10), { signal: stopped })).rejects.toThrow('enough')
    const texts = ['text'] as unknown as AttachmentContent
    await expect(chat.attach(texts)).rejects.toThrow(TypeError)
    expect(backend.stored.size).toBe(0)
  })

  it('whose parts were changed, cut short, swapped or lost says so', async () => {
    const backend = new MemoryBackend()
    const chat = await openAlice(backend)
    const before = new Set(backend.stored.keys())
    const { reference } = await chat.attach(contentOf(13, 2 * PART))
    const parts = [...backend.stored].filter(
      ([key, { length }]) => !before.has(key) && length > PART,
    ) as [[string, Uint8Array], [string, Uint8Array]]
    expect(parts.length).toBe(2)
    const [[first, bytes], [second, others]] = parts
    const flipped = new Uint8Array(bytes)
    flipped[1000] = (flipped[1000] as number) ^ 1
    for (const damaged of [flipped, bytes.subarray(0, -1), bytes.subarray(0, 7), others]) {
      backend.stored.set(first, damaged)
      await expect(read(chat, reference)).rejects.toMatchObject({ code: 'CHAT_CONTAINER_DAMAGED' })
    }
    backend.stored.set(first, bytes)
    backend.stored.delete(second)
    await expect(read(chat, reference)).rejects.toMatchObject({ code: 'CHAT_CONTAINER_MISSING' })
    backend.stored.set(second, others)
    expect((await read(chat, reference)).length).toBe(2 * PART)
  })

  it('leaves what was there where the backend fails at any step, and is swept up at the next open', async () => {
    for (let failing = 1; ; failing++) {
      const backend = new MemoryBackend()
      const chat = await openAlice(backend)
      const kept = await chat.attach(contentOf(14, PART + 3))
      const sent = await chat.send('bob.eth', 'kept', { attachments: [kept.reference] })
      const keys = [...backend.stored.keys()]
      backend.failAfter(failing)
      const attached = await chat
        .attach(contentOf(15, 2 * PART + 1))
        .catch((error: unknown) => error)
      backend.failing = undefined
      if (!(attached instanceof Error)) break
      expect(attached).toMatchObject({ code: 'CHAT_BACKEND_FAILED' })
      expect((await read(chat, kept.reference)).length).toBe(PART + 3)
      await chat.close()
      const clock = new TestClock()
      await using again = await openAlice(backend, { clock })
      clock.pass(0)
      await expect.poll(() => [...backend.stored.keys()], POLL).toEqual(keys)
      expect(await again.delete('bob.eth', sent)).toBe(true)
      expect(failing).toBeLessThan(20)
    }
  })

  it.each(Object.entries(places))('that was forgotten is in no byte of a %s', async (_, create) => {
    await using place = await create()
    const backend = place.open()
    const chat = await openChat({ ...ALICE, backend })
    const { reference } = await chat.attach(contentOf(16, 2 * PART))
    const sent = await chat.send('bob.eth', 'look', { attachments: [reference] })
    // A bit of each container as it lies there, sealed.
    const sealed: Uint8Array[] = []
    for await (const key of backend.list()) {
      sealed.push(((await backend.get(key)) as Uint8Array).subarray(5, 45))
    }
    const foundIn = async () => {
      const buffers = [...(place.values ?? [])].map(([, value]) => Buffer.from(value))
      const where = { ...(place.folder === undefined ? {} : { folder: place.folder }), buffers }
      const found = await Promise.all(sealed.map((bytes) => findBytes(bytes, where)))
      return found.filter((places) => places.length > 0).length
    }
    expect(await foundIn()).toBe(sealed.length)
    await chat.delete('bob.eth', sent)
    // The mark stays.
    expect(await foundIn()).toBe(1)
    await chat.close()
  })

  it('is read from the device that has it', async () => {
    const [phone, laptop] = [await openAlice(), await openAlice()]
    const content = contentOf(12, PART + 7)
    const { reference } = await laptop.attach(content)
    const devices = new ChatDevices(phone, [laptop])
    expect((await read(devices, reference)).equals(content)).toBe(true)
    const other = reference.replace(/[0-9a-f]{64}/, 'a'.repeat(64))
    await expect(read(devices, other)).rejects.toEqual(missing)
  })

  it('that is none is refused', async () => {
    const chat = await openAlice()
    for (const text of ['', 'https://a.b/c', 'datagram-attachment:12?bytes=1']) {
      expect(parseAttachment(text)).toBeUndefined()
      await expect(read(chat, text)).rejects.toEqual(missing)
    }
    const hash = 'a'.repeat(64)
    expect(parseAttachment(`datagram-attachment:${hash}?bytes=-1`)).toBeUndefined()
    expect(parseAttachment(`datagram-attachment:${hash}?name=a`)).toBeUndefined()
    const many = Array.from({ length: 101 }, () =>
      parseAttachment(`datagram-attachment:${hash}?bytes=1`),
    )
    await expect(
      chat.addMessage('bob.eth', naming(1, ...(many as ChatAttachment[]))),
    ).rejects.toMatchObject({ code: 'CHAT_MESSAGE_INVALID' })
  })

  it('has no canary in any byte, nor its name and type', async () => {
    for (const create of Object.values({ ...places, stream: streamPlace })) {
      await using place = await create()
      const chat = await openChat({ ...ALICE, backend: place.open() })
      const canary = 'Canary-4mXw81Tz'
      const content = Buffer.from(canary.repeat(30_000))
      const names = { name: `${canary}.txt`, type: `text/${canary}` }
      const { reference, hash } = await chat.attach(content, names)
      await chat.send('bob.eth', 'look', { attachments: [reference] })
      const searched = {
        ...(place.folder === undefined ? {} : { folder: place.folder }),
        buffers: [...(place.values ?? [])].flatMap(([name, value]) => [Buffer.from(name), value]),
      }
      // Nor its hash: who has the file cannot tell that it is here.
      for (const text of [canary, hash]) expect(await findBytes(text, searched)).toEqual([])
      expect(await findBytes(Buffer.from(hash, 'hex'), searched)).toEqual([])
      await chat.close()
    }
  })
})

async function collected(chat: Chat): Promise<ChatMessage[]> {
  const found: ChatMessage[] = []
  for await (const one of chat.messages('bob.eth')) found.push(one)
  return found
}

it('attachments are there exactly as long as a message names them', async () => {
  await seededRun(async (random) => {
    const backend = new MemoryBackend()
    const chat = await openAlice(backend, { chunkBytesMax: 3000 })
    const attachments = await Promise.all(
      Array.from({ length: 8 }, (_, i) => chat.attach(contentOf(i, random.between(0, 600)))),
    )
    const named = new Map<string, readonly ChatAttachment[]>()
    const everNamed = new Set<ChatAttachment>()
    for (let i = 0; i < 200; i++) {
      if (random.chance(0.4) && named.size > 0) {
        const hash = random.pick([...named.keys()])
        named.delete(hash)
        await chat.delete('bob.eth', { hash })
        continue
      }
      const some = attachments.filter(
        (one) => random.chance(0.15) && (!everNamed.has(one) || isNamed(one)),
      )
      for (const one of some) everNamed.add(one)
      const message = naming(random.between(0, 1000) * 1000 + i, ...some)
      for (const _ of random.chance(0.2) ? [1, 2] : [1]) {
        named.set((await chat.addMessage('bob.eth', message)).hash, some)
      }
    }
    function isNamed(one: ChatAttachment): boolean {
      return [...named.values()].some((some) => some.includes(one))
    }
    for (const one of attachments) {
      const isThere = await read(chat, one.reference).then(
        () => true,
        () => false,
      )
      expect(isThere).toBe(isNamed(one) || !everNamed.has(one))
    }
  })
})
