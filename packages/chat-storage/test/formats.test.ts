import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ContainerKeys } from '../src/container-key.ts'
import { openContainer } from '../src/sealed-piece.ts'
import { messageHash } from '../src/index.ts'
import { decodeBody, decodeMark } from '../src/backends/chat-file-format.ts'

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

  it('a chat file', () => {
    const bytes = Buffer.from(vectors.file.bytes, 'hex')
    expect(decodeMark(bytes.subarray(32, 64))).toEqual(vectors.file.marks[0])
    expect(decodeMark(bytes.subarray(64, 96))).toEqual(vectors.file.marks[1])
    expect(decodeBody(bytes.subarray(116))).toEqual(vectors.file.changes)
  })
})
