import type { EntryReader } from '@datagram/stream'
import b4a from 'b4a'
import { type Entry, decodeEntry, decodeInode, emptyRoot, type Inode } from './inode.ts'
import {
  directoryBounds,
  entryBounds,
  entryKey,
  type InodeId,
  inodeKey,
  parseKey,
} from './fs-key.ts'

/** The root directory. */
export const ROOT: InodeId = { home: 0, ino: 1 }

/** A name in a directory, and what it stands for. */
export interface NamedEntry extends Entry {
  readonly name: string
}

/** A name in a directory, and the inode that it stands for. */
export interface NamedInode extends NamedEntry {
  readonly inode: Inode
}

// How many inodes are asked for together.
const INODES_TOGETHER = 256

/** Reads directories and inodes: of the present, of a snapshot, or of what a transaction sees. */
export class Tree {
  readonly reader: EntryReader

  constructor(reader: EntryReader) {
    this.reader = reader
  }

  /** What `name` stands for in a directory. */
  async entry(directory: number, name: Uint8Array): Promise<Entry | undefined> {
    const found = this.reader.getNow(entryKey(directory, name))
    const value = found instanceof Promise ? await found : found
    return value && decodeEntry(value)
  }

  /** The inode, or undefined when it has gone meanwhile. */
  async inode(id: InodeId): Promise<Inode | undefined> {
    const found = this.reader.getNow(inodeKey(id))
    const value = found instanceof Promise ? await found : found
    if (value === undefined) return id.ino === ROOT.ino ? emptyRoot : undefined
    return decodeInode(value)
  }

  /** Whether a directory has no entries. */
  async isEmpty(directory: number): Promise<boolean> {
    for await (const _key of this.reader.keys({ ...entryBounds(directory), limit: 1 })) return false
    return true
  }

  /** The entries of a directory, by the bytes of their names; with `after`, those behind that name. */
  async *entries(directory: number, after?: string): AsyncGenerator<NamedEntry, void, undefined> {
    const bounds = entryBounds(directory, after === undefined ? undefined : b4a.from(after))
    for await (const [key, value] of this.reader.range(bounds)) {
      const parsed = parseKey(key)
      if (parsed?.type !== 'entry') continue
      yield { name: b4a.toString(parsed.name, 'utf8'), ...decodeEntry(value) }
    }
  }

  /** As {@link entries}, with their inodes: one range scan, and the inodes that were moved in from elsewhere. */
  async inodes(directory: number): Promise<NamedInode[]> {
    const entries: NamedEntry[] = []
    const inodes = new Map<number, Inode>()
    for await (const [key, value] of this.reader.range(directoryBounds(directory))) {
      const parsed = parseKey(key)
      if (parsed?.type === 'inode') inodes.set(parsed.ino, decodeInode(value))
      if (parsed?.type !== 'entry') continue
      entries.push({ name: b4a.toString(parsed.name, 'utf8'), ...decodeEntry(value) })
    }
    const elsewhere = entries.filter(({ ino }) => !inodes.has(ino))
    for (let at = 0; at < elsewhere.length; at += INODES_TOGETHER) {
      const some = elsewhere.slice(at, at + INODES_TOGETHER)
      const values = await this.reader.getMany(some.map(inodeKey))
      values.forEach((value, i) => {
        if (value !== undefined) inodes.set((some[i] as NamedEntry).ino, decodeInode(value))
      })
    }
    return entries.flatMap((entry) => {
      const inode = inodes.get(entry.ino)
      return inode === undefined ? [] : [{ ...entry, inode }]
    })
  }
}
