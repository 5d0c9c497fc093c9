import { type Random, seededRun, soakFactor } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type ChatBackend, type ChatMode, openChat } from '../src/index.ts'
import { ALICE, History, placed, storedMessages } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'
import { places } from './places.ts'
import { streamPlace } from './stream-place.ts'

const CHUNK_BYTES_MAX = 16_000

/** Stores a random history, opening the chat again now and then, and looks at what is stored. */
async function runHistory(random: Random, mode: ChatMode, backend: () => ChatBackend) {
  const open = () =>
    openChat({ ...ALICE, backend: backend(), mode, chunkBytesMax: CHUNK_BYTES_MAX })
  const history = new History(random, ['bob.eth', 'max.eth', 'ada lovelace'])
  let chat = await open()
  for (let added = 0; added < 20_000; ) {
    const { contact, envelopes } = history.batch(random.pick([1, 3, 40, 300]))
    await chat.addMessages(contact, envelopes)
    added += envelopes.length
    const gone = random.chance(0.03) ? history.remove() : undefined
    if (gone !== undefined) expect(await chat.delete(gone.contact, gone)).toBe(true)
    if (!random.chance(0.02)) continue
    await chat.close()
    chat = await open()
  }
  for (const [contact, order] of history.expected()) {
    expect(await chat.count(contact)).toBe(order.length)
    const found: string[] = []
    for await (const { timestamp, hash } of chat.messages(contact)) {
      found.push(placed(timestamp, hash))
    }
    expect(found.reverse()).toEqual(order)
  }
  await chat.close()
  const stored = await storedMessages(backend(), { mode, chunkBytesMax: CHUNK_BYTES_MAX })
  expect(stored).toEqual(history.expected())
}

describe('a random history of 20,000 messages is a sorted list', () => {
  it.each([
    ['strict', true],
    ['dm3', false],
  ] as const)(
    'in the mode %s, appending: %s',
    async (mode, appends) => {
      for (let round = 0; round < soakFactor(); round++) {
        const backend = new MemoryBackend({ appends })
        await seededRun((random) => runHistory(random, mode, () => backend))
      }
    },
    300_000,
  )

  it.each(
    (['strict', 'dm3'] as const).flatMap((mode) =>
      Object.entries({ ...places, stream: streamPlace }).map(
        ([name, create]) => [mode, name, create] as const,
      ),
    ),
  )(
    'in the mode %s, in a %s',
    async (mode, _, create) => {
      for (let round = 0; round < soakFactor(); round++) {
        await using place = await create()
        await seededRun((random) => runHistory(random, mode, () => place.open()))
      }
    },
    300_000,
  )
})
