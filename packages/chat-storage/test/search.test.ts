import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type ChatBackend, ChatDevices, openChat } from '../src/index.ts'
import { ALICE, envelope, storedMessages } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { places } from './places.ts'
import { scanned, searched, SearchHistory } from './search-history.ts'
import { streamPlace } from './stream-place.ts'

const CHUNK_BYTES_MAX = 4_000

/** Searches after every few changes, and looks at what is stored at the end. */
async function runHistory(random: Random, backend: () => ChatBackend, steps: number) {
  const open = (searchIndex: boolean) =>
    openChat({ ...ALICE, backend: backend(), chunkBytesMax: CHUNK_BYTES_MAX, searchIndex })
  const history = new SearchHistory(random)
  let chat = await open(true)
  for (let step = 1; step <= steps; step++) {
    await history.step(chat)
    if (random.chance(0.03)) {
      await chat.close()
      // What is written meanwhile has no words in the index, and its chunk's are taken away.
      chat = await open(random.chance(0.7))
    }
    if (step % 20 !== 0) continue
    const { text, options } = history.search()
    const expected = await scanned(chat, text, options)
    expect(await searched(chat, text, options), JSON.stringify([text, options])).toEqual(expected)
  }
  // Whatever the searches found, there is something to be found.
  await chat.addMessage('bob.eth', envelope(Date.now(), 'a certain apple'))
  expect(await scanned(chat, 'certain', {})).toHaveLength(1)
  expect(await searched(chat, 'certain')).toHaveLength(1)
  await chat.close()
  return backend()
}

describe('a search finds what a look at every message does', () => {
  it.each([true, false])('where a backend appends: %s', async (appends) => {
    const backend = new MemoryBackend({ appends })
    await seededRun((random) => runHistory(random, () => backend, 400))
  })

  it.each(Object.entries({ ...places, stream: streamPlace }))('in a %s', async (_, create) => {
    await using place = await create()
    await seededRun((random) => runHistory(random, () => place.open(), 120))
  })
})

describe('a search of two devices that wrote while apart', () => {
  it('finds what a look at every message of both does', async () => {
    await seededRun(async (random) => {
      const [phone, laptop] = await Promise.all([openInMemory(), openInMemory()])
      const both = new ChatDevices(phone, [laptop])
      const history = new SearchHistory(random)
      for (let step = 1; step <= 200; step++) {
        await history.step(random.pick([phone, laptop]), both)
        if (step % 10 !== 0) continue
        const { text, options } = history.search()
        const expected = await scanned(both, text, options)
        const message = JSON.stringify([text, options])
        expect(await searched(both, text, options), message).toEqual(expected)
      }
    })
  })

  it('finds by an edit that came to a device without its message', async () => {
    const [phone, laptop] = await Promise.all([openInMemory(), openInMemory()])
    const sent = await laptop.send('bob.eth', 'Helo')
    await phone.edit('bob.eth', sent, 'Hello')
    const both = new ChatDevices(phone, [laptop])
    expect(await searched(both, 'hello')).toHaveLength(1)
    expect(await searched(both, 'helo')).toEqual([])
  })
})

function openInMemory() {
  const backend = new MemoryBackend({ appends: true })
  return openChat({ ...ALICE, backend, chunkBytesMax: CHUNK_BYTES_MAX })
}

describe('the index of words', () => {
  it.each([true, false])('says what its chunks say, kept: %s', async (searchIndex) => {
    const backend = new MemoryBackend({ appends: true })
    const options = { chunkBytesMax: CHUNK_BYTES_MAX, searchIndex }
    await seededRun(async (random) => {
      const history = new SearchHistory(random)
      const chat = await openChat({ ...ALICE, backend, ...options })
      for (let step = 0; step < 300; step++) await history.step(chat)
    })
    await storedMessages(backend, options)
  })

  it('spares reading messages', async () => {
    const backend = new MemoryBackend({ appends: true })
    const chat = await openChat({ ...ALICE, backend, chunkBytesMax: 50_000 })
    const many = Array.from({ length: 4000 }, (_, i) => envelope(i, `number ${i} of many`))
    await chat.addMessages('bob.eth', [...many, envelope(1234, 'Ναι, μια λέξη')])
    const again = await openChat({ ...ALICE, backend, chunkBytesMax: 50_000 })
    expect(await searched(again, 'ΛΈΞ')).toHaveLength(1)
    const before = await searched(again, 'number 99 ')
    expect(before).toHaveLength(1)
    for await (const { text } of again.search('many', { contact: 'BOB.eth', limit: 2 })) {
      expect(text).toMatch(/^number 399[89] of many$/)
    }
  })
})
