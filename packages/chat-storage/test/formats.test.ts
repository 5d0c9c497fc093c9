import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ContainerKeys } from '../src/container-key.ts'
import { ContainerStore } from '../src/container-store.ts'
import { DeletedMessages } from '../src/deleted-messages.ts'
import { HiddenKeys } from '../src/hidden-keys.ts'
import { openContainer } from '../src/sealed-piece.ts'
import { wordsKey, WordIndex } from '../src/word-index.ts'
import { wordList } from '../src/words.ts'
import { messageHash, openChat, parseAttachment } from '../src/index.ts'
import { decodeBody, decodeMark } from '../src/backends/chat-file-format.ts'
import { ALICE } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

const file = new URL('../../../test-vectors/chat-storage.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8'))

describe('known answers', () => {
  it.each(['strict', 'dm3'] as const)('keys in the mode %s', (mode) => {
    const expected = vectors.keys[mode]
    const keys = new ContainerKeys(mode, vectors.keys.signature)
    expect(keys.root).toBe(expected.root)
    for (const { contact, key, chunks } of expected.conversations) {
      expect(keys.conversation(contact)).toBe(key)
      for (const { id, timestamp, key: chunkKey } of chunks) {
        expect(keys.chunk(key, { id, timestamp })).toBe(chunkKey)
      }
    }
  })

  it('the hash of a message', () => {
    expect(messageHash(vectors.message.input)).toBe(vectors.message.hash)
  })

  it('a container', () => {
    const { storageKey, key, bytes, contents } = vectors.container
    const opened = openContainer(Buffer.from(storageKey, 'hex'), key, Buffer.from(bytes, 'hex'))
    expect(opened.contents.map((content) => Buffer.from(content).toString())).toEqual(contents)
  })

  it('keys of what is stored beside the containers of dm3', () => {
    const { storageKey, name, key } = vectors.account
    expect(new HiddenKeys(Buffer.from(storageKey, 'hex'), name).of('account')).toBe(key)
  })

  it('what was deleted', () => {
    const { storageKey, account, contact, hash, key, content } = vectors.deleted
    expect(new HiddenKeys(Buffer.from(storageKey, 'hex'), account).of('deleted')).toBe(key)
    const deleted = DeletedMessages.none.with(contact, [hash])
    expect(Buffer.from(deleted.encode()).toString('hex')).toBe(content)
    expect(DeletedMessages.decode(key, Buffer.from(content, 'hex')).has(contact, hash)).toBe(true)
  })

  it('the words of a chunk', async () => {
    const { chunk, key, content, bytes, lists } = vectors.words
    const storageKey = Buffer.from(vectors.container.storageKey, 'hex')
    const hidden = new HiddenKeys(storageKey, vectors.keys.account)
    const backend = new MemoryBackend()
    const index = new WordIndex(new ContainerStore(backend, storageKey), hidden, true)
    expect(index.keyOf(chunk)).toBe(key)
    await backend.putMany([{ type: 'put', key, value: Buffer.from(bytes, 'hex') }])
    const [line, words] = content.trimEnd().split(/ (.*)/)
    expect(await index.read(chunk)).toEqual(new Map([[line, ` ${words} `]]))
    const { timestamp } = vectors.message.input.metadata
    expect(wordsKey({ timestamp, hash: vectors.message.hash })).toBe(line)
    for (const [text, list] of Object.entries<string>(lists)) expect(wordList(text)).toBe(list)
  })

  it('an attachment', async () => {
    const { storageKey, account, content, reference, name, type, hash, id, ...keys } =
      vectors.attachment
    const hidden = new HiddenKeys(Buffer.from(storageKey, 'hex'), account)
    expect(hidden.of('attachment', hash)).toBe(keys.key)
    expect(hidden.of('part', `${id}0`)).toBe(keys.partKey)
    expect(hidden.of('pending')).toBe(keys.pendingKey)
    const bytes = Buffer.from(content, 'hex')
    expect(parseAttachment(reference)).toEqual({ reference, hash, bytes: 5, name, type })
    const chat = await openChat({ ...ALICE, backend: new MemoryBackend() })
    expect((await chat.attach(bytes, { name, type })).reference).toBe(reference)
  })

  it('a chat file', () => {
    const bytes = Buffer.from(vectors.file.bytes, 'hex')
    expect(decodeMark(bytes.subarray(32, 64))).toEqual(vectors.file.marks[0])
    expect(decodeMark(bytes.subarray(64, 96))).toEqual(vectors.file.marks[1])
    expect(decodeBody(bytes.subarray(116))).toEqual(vectors.file.changes)
  })
})
