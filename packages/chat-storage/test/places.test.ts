import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { isDatagramError } from '@datagram/errors'
import { findBytes, type Random, seededRun, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { databaseBackend, fileBackend, folderBackend, openChat } from '../src/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { mapDatabase, places } from './places.ts'

const coded = (code: string) => (error: unknown) => isDatagramError(error, code)

describe('canaries', () => {
  it.each(Object.entries(places))('are nowhere in a %s', async (_, create) => {
    await using place = await create()
    const chat = await openChat({ ...ALICE, backend: place.open() })
    const canary = 'Canary-7f3Qz9Lk2W'
    const contact = 'canary-contact-5t8r.eth'
    for (let i = 0; i < 5; i++) {
      await chat.addMessage(contact, envelope(i, `${canary} ${i}`))
      await chat.addMessages('other.eth', [envelope(i, canary), envelope(100 + i, canary)])
    }
    const searched = {
      ...(place.folder === undefined ? {} : { folder: place.folder }),
      buffers: [...(place.values ?? [])].flatMap(([name, value]) => [Buffer.from(name), value]),
    }
    expect(await findBytes(canary, searched)).toEqual([])
    expect(await findBytes(contact, searched)).toEqual([])
    // The search does find what is there.
    const name = (await firstKey(place.open)).slice(2)
    if (place.values !== undefined) expect(await findBytes(name, searched)).not.toEqual([])
    await chat.close()
  })

  it('equal messages have different bytes', async () => {
    const stored: string[] = []
    for (const _ of [1, 2]) {
      const values = new Map<string, Uint8Array>()
      const backend = databaseBackend(mapDatabase(values))
      const chat = await openChat({ ...ALICE, backend })
      await chat.addMessage('bob.eth', envelope(1, 'the same'))
      for (const [name, value] of values) {
        if (name.includes('0x')) stored.push(Buffer.from(value.subarray(29)).toString('hex'))
      }
    }
    expect(stored.length).toBe(10)
    expect(new Set(stored).size).toBe(10)
  })
})

async function firstKey(open: () => ReturnType<typeof folderBackend>): Promise<string> {
  try {
    for await (const key of open().list()) return key
  } catch (error) {
    if (!isDatagramError(error, 'CHAT_LOCKED')) throw error
  }
  return '0x'.padEnd(66, '0')
}

describe.each([
  ['folder', folderBackend],
  ['file', fileBackend],
] as const)('a %s', (_, openBackend) => {
  it('is open once', async () => {
    await using folder = await temporaryFolder()
    await using chat = await openChat({ ...ALICE, backend: openBackend(folder.join('chats')) })
    const again = openChat({ ...ALICE, backend: openBackend(folder.join('chats')) })
    await expect(again).rejects.toSatisfy(coded('CHAT_LOCKED'))
    await chat.addMessage('bob.eth', envelope(1, 'a'))
    await chat.close()
    const durable = openBackend(folder.join('chats'), { durability: 'disk' })
    await using later = await openChat({ ...ALICE, backend: durable })
    await later.addMessage('bob.eth', envelope(2, 'b'))
    expect(await texts(later, 'bob.eth')).toEqual(['a', 'b'])
  })
})

describe('a chat file', () => {
  async function written(path: string) {
    const chat = await openChat({ ...ALICE, backend: fileBackend(path) })
    const sizes: number[] = []
    for (let i = 0; i < 6; i++) {
      await chat.addMessage('bob.eth', envelope(i, `${i}`))
      sizes.push((await stat(path)).size)
    }
    await chat.close()
    return sizes
  }

  const read = async (path: string) => {
    await using chat = await openChat({ ...ALICE, backend: fileBackend(path) })
    return await texts(chat, 'bob.eth')
  }

  it('that is shorter than what was acknowledged says so, at every length', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('chats')
    const size = (await written(path)).at(-1) as number
    for (let length = 0; length < size; length += length < 120 ? 1 : 37) {
      await copyFile(path, folder.join('cut'))
      await truncate(folder.join('cut'), length)
      await expect(read(folder.join('cut'))).rejects.toSatisfy(coded('CHAT_FILE_TRUNCATED'))
    }
    expect((await read(path)).length).toBe(6)
  })

  it('loses what was being written when the process died, and nothing else', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('chats')
    const sizes = await written(path)
    const whole = await readFile(path)
    const acknowledged = sizes[4] as number
    const chat = await openChat({ ...ALICE, backend: fileBackend(folder.join('five')) })
    await chat.addMessages(
      'bob.eth',
      Array.from({ length: 5 }, (_, i) => envelope(i, `${i}`)),
    )
    await chat.close()
    const five = await readFile(folder.join('five'))
    // Of the record behind the mark a part, or what is none.
    for (const rest of [whole.subarray(acknowledged, -1), Buffer.alloc(300, 1), Buffer.alloc(3)]) {
      await writeFile(folder.join('torn'), Buffer.concat([five, rest]))
      expect((await read(folder.join('torn'))).length).toBe(5)
      expect((await stat(folder.join('torn'))).size).toBe(five.length)
    }
  })

  it('that was changed anywhere is an error, or what was stored', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('chats')
    await written(path)
    await seededRun(async (random: Random) => {
      const whole = await readFile(path)
      for (let round = 0; round < 200; round++) {
        const bytes = Buffer.from(whole)
        const at = round < 96 ? round : random.between(0, bytes.length)
        bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 8))
        await writeFile(folder.join('flipped'), bytes)
        const found = await read(folder.join('flipped')).catch((error: unknown) => error)
        if (Array.isArray(found)) expect(found).toEqual(['0', '1', '2', '3', '4', '5'])
        else expect(isDatagramError(found), String(found)).toBe(true)
      }
    })
  })

  it('is written anew when it is mostly of no use, and keeps what is of use', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('chats')
    const chat = await openChat({ ...ALICE, backend: fileBackend(path), chunkBytesMax: 200_000 })
    // Each is older than all before it, so that its chunk gets another key.
    for (let i = 0; i < 40; i++) {
      await chat.addMessage('bob.eth', envelope(1000 - i, `${i}`.padEnd(4000, 'x')))
    }
    expect((await stat(path)).size).toBeLessThan(2_500_000)
    await chat.close()
    await using again = await openChat({ ...ALICE, backend: fileBackend(path) })
    expect((await texts(again, 'bob.eth')).length).toBe(40)
  })
})

describe('a database that fails at any of its calls', () => {
  it('shows the old state or the new, also to who opens it then', async () => {
    for (let failing = 1; failing < 20; failing++) {
      const values = new Map<string, Uint8Array>()
      const database = mapDatabase(values)
      let calls = -Infinity
      const counted = () => {
        if (++calls >= failing) throw new Error('the database is gone')
      }
      const backend = databaseBackend({
        get: database.get,
        set: async (key, value) => (counted(), database.set(key, value)),
        del: async (key) => (counted(), database.del(key)),
      })
      const chat = await openChat({ ...ALICE, backend })
      await chat.addMessage('bob.eth', envelope(10, 'before'))
      calls = 0
      const failure = await chat
        .addMessages('bob.eth', [envelope(5, 'older'), envelope(20, 'newer')])
        .then(
          () => undefined,
          (error: unknown) => error,
        )
      const expected = failure === undefined ? ['older', 'before', 'newer'] : ['before']
      if (failure !== undefined) expect(failure).toSatisfy(coded('CHAT_BACKEND_FAILED'))
      expect(await texts(chat, 'bob.eth')).toEqual(expected)
      // As another process finds it after this one died.
      const other = await openChat({ ...ALICE, backend: databaseBackend(mapDatabase(values)) })
      expect(await texts(other, 'bob.eth')).toEqual(expected)
    }
  })
})
