import fs from 'node:fs'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  cellKey,
  entryKey,
  inodeKey,
  orphanKey,
  parseKey,
  patchKey,
  patchPlace,
  reservedKey,
} from '../src/fs-key.ts'
import { decodeEntry, decodeInode, encodeEntry, encodeInode, type Inode } from '../src/inode.ts'

interface Vectors {
  readonly keys: Readonly<Record<string, string>>
  readonly entry: {
    readonly mode: number
    readonly home: number
    readonly ino: number
    hex: string
  }
  readonly inodes: readonly { readonly inode: Inode; readonly hex: string }[]
}

const file = new URL('../../../test-vectors/fs-interface.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors
const hex = (bytes: Uint8Array) => b4a.toString(bytes, 'hex')
const id = { home: 1, ino: 300 }
const patch = { seq: 2, start: 70_000, length: 512 }

describe('what lies in a stream of files', () => {
  it('has the keys that are written down', () => {
    const keys = {
      entry: entryKey(300, b4a.from('ü')),
      inode: inodeKey(id),
      cell: cellKey(id, 5),
      patch: patchKey(id, 5, patch),
      reserved: reservedKey,
      orphan: orphanKey(id),
    }
    for (const [name, key] of Object.entries(keys)) expect(hex(key), name).toBe(vectors.keys[name])
    expect(parseKey(keys.inode)).toEqual({ type: 'inode', ...id })
    expect(parseKey(keys.orphan)).toEqual({ type: 'orphan', ...id })
    expect(parseKey(keys.patch)).toEqual({ type: 'content', ...id })
    expect(patchPlace(keys.patch)).toEqual(patch)
  })

  it('has the entries and inodes that are written down', () => {
    const { hex: stored, ...entry } = vectors.entry
    expect(hex(encodeEntry(entry))).toBe(stored)
    expect(decodeEntry(b4a.from(stored, 'hex'))).toEqual(entry)
    for (const { inode, hex: bytes } of vectors.inodes) {
      expect(hex(encodeInode(inode))).toBe(bytes)
      expect(decodeInode(b4a.from(bytes, 'hex'))).toEqual(inode)
    }
  })

  it('is refused with a code when it is damaged or newer, whatever it is', () => {
    const bytes = b4a.from(vectors.inodes[0]?.hex ?? '', 'hex')
    for (let length = 0; length < 38; length++) {
      const cut = bytes.subarray(0, length)
      const code = length === 0 ? 'FS_RECORD_UNKNOWN' : 'FS_RECORD_DAMAGED'
      expect(() => decodeInode(cut)).toThrow(expect.objectContaining({ code }))
    }
    const newer = b4a.from([2, 0, 0, 0])
    const unknown = expect.objectContaining({ code: 'FS_RECORD_UNKNOWN' })
    expect(() => decodeInode(newer)).toThrow(unknown)
    expect(() => decodeEntry(newer)).toThrow(unknown)
    const damaged = expect.objectContaining({ code: 'FS_RECORD_DAMAGED' })
    expect(() => decodeEntry(b4a.from([1, 0xfd]))).toThrow(damaged)
    expect(parseKey(b4a.from([9]))).toBeUndefined()
  })
})
