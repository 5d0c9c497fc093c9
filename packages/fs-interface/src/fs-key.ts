import b4a from 'b4a'
import { orderedUintBytes, readOrderedUint, writeOrderedUint } from './ordered-uint.ts'

/*
 * Keys of a file system. What belongs to the files of one directory lies together, so that one range scan
 * gives a directory with what `stat` says of its files. `uint` is an ordered one (ordered-uint.ts).
 *
 *   uint home · 0 · name             an entry of the directory with inode number `home`
 *   uint home · 1 · uint ino         the inode of a file that was created in that directory
 *   uint home · 2 · uint ino · uint cell
 *                                    the bytes of one cell of its content, from the cell's beginning
 *   … · seq · start · length         bytes written over the cell later: u16, u32, u32, big-endian
 *   0 · 3                            what the allocator of inode numbers has reserved
 *   0 · 4 · uint home · uint ino     a file that has no name any more and was open: to be forgotten when it goes
 *                                    where the value is 01, else empty
 *
 * Home 0 is no directory: the root's own inode lies there.
 */
const ENTRY = 0
const INODE = 1
const CONTENT = 2
const RESERVED = 3
const ORPHAN = 4

/** Which inode, and where it lies: both hold for good, whatever names the file has. */
export interface InodeId {
  /** Inode number of the directory that it was created in. */
  readonly home: number
  /** Inode number. */
  readonly ino: number
}

/** Bytes that were written over a part of a cell. */
export interface PatchPlace {
  /** Order of the patches of a cell: a later one lies over an earlier one. */
  readonly seq: number
  /** First byte in the cell. */
  readonly start: number
  /** How many bytes. */
  readonly length: number
}

/** Bounds of a range of keys. */
export interface KeyBounds {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

const PATCH_BYTES = 10

function key(home: number, tag: number, numbers: readonly number[], tailBytes = 0): Uint8Array {
  let bytes = orderedUintBytes(home) + 1 + tailBytes
  for (const number of numbers) bytes += orderedUintBytes(number)
  const result = new Uint8Array(bytes)
  let at = writeOrderedUint(result, 0, home)
  result[at++] = tag
  for (const number of numbers) at = writeOrderedUint(result, at, number)
  return result
}

function withTail(head: Uint8Array, tail: Uint8Array, tailBytes: number): Uint8Array {
  head.set(tail, head.byteLength - tailBytes)
  return head
}

export function entryKey(directory: number, name: Uint8Array): Uint8Array {
  return withTail(key(directory, ENTRY, [], name.byteLength), name, name.byteLength)
}

/** All entries of a directory; with `after`, those behind that name. */
export function entryBounds(directory: number, after?: Uint8Array): KeyBounds {
  const gte =
    after === undefined ? entryKey(directory, new Uint8Array(0)) : behind(directory, after)
  return { gte, lt: key(directory, INODE, []) }
}

// The first key behind that of a name: the name and a zero byte, which no name has.
function behind(directory: number, name: Uint8Array): Uint8Array {
  return b4a.concat([entryKey(directory, name), new Uint8Array(1)])
}

/** All entries of a directory, then the inodes that were created in it. */
export function directoryBounds(directory: number): KeyBounds {
  return { gte: key(directory, ENTRY, []), lt: key(directory, CONTENT, []) }
}

export function inodeKey({ home, ino }: InodeId): Uint8Array {
  return key(home, INODE, [ino])
}

export function cellKey({ home, ino }: InodeId, cell: number): Uint8Array {
  return key(home, CONTENT, [ino, cell])
}

export function patchKey({ home, ino }: InodeId, cell: number, place: PatchPlace): Uint8Array {
  const result = key(home, CONTENT, [ino, cell], PATCH_BYTES)
  const view = new DataView(result.buffer, result.byteLength - PATCH_BYTES)
  view.setUint16(0, place.seq)
  view.setUint32(2, place.start)
  view.setUint32(6, place.length)
  return result
}

/** The patch that a key of {@link patchBounds} names. */
export function patchPlace(patch: Uint8Array): PatchPlace {
  const view = new DataView(patch.buffer, patch.byteOffset + patch.byteLength - PATCH_BYTES)
  return { seq: view.getUint16(0), start: view.getUint32(2), length: view.getUint32(6) }
}

/** Whether a key of {@link contentBounds} is of a patch. */
export function isPatchKey(key: Uint8Array): boolean {
  const home = readOrderedUint(key, 0)
  const ino = home && readOrderedUint(key, home.end + 1)
  const cell = ino && readOrderedUint(key, ino.end)
  return cell !== undefined && cell.end < key.byteLength
}

/** All patches of a cell, in their order. */
export function patchBounds(id: InodeId, cell: number): KeyBounds {
  const first = b4a.concat([cellKey(id, cell), new Uint8Array(1)])
  return { gte: first, lt: cellKey(id, cell + 1) }
}

/** All content of a file from a cell on. */
export function contentBounds({ home, ino }: InodeId, cell = 0): KeyBounds {
  return { gte: key(home, CONTENT, [ino, cell]), lt: key(home, CONTENT, [ino + 1]) }
}

export const reservedKey: Uint8Array = key(0, RESERVED, [])

export function orphanKey({ home, ino }: InodeId): Uint8Array {
  return key(0, ORPHAN, [home, ino])
}

export const orphanBounds: KeyBounds = { gte: key(0, ORPHAN, []), lt: key(0, ORPHAN + 1, []) }

/** What a key is of; undefined for one that a newer version may have written. */
export type ParsedKey =
  | { readonly type: 'entry'; readonly directory: number; readonly name: Uint8Array }
  | ({ readonly type: 'inode' | 'content' | 'orphan' } & InodeId)

export function parseKey(bytes: Uint8Array): ParsedKey | undefined {
  const home = readOrderedUint(bytes, 0)
  if (home === undefined) return undefined
  const tag = bytes[home.end]
  const rest = home.end + 1
  if (tag === ENTRY) return { type: 'entry', directory: home.value, name: bytes.subarray(rest) }
  const first = readOrderedUint(bytes, rest)
  if (first === undefined) return undefined
  if (tag === INODE) return { type: 'inode', home: home.value, ino: first.value }
  if (tag === CONTENT) return { type: 'content', home: home.value, ino: first.value }
  if (tag !== ORPHAN) return undefined
  const second = readOrderedUint(bytes, first.end)
  return second && { type: 'orphan', home: first.value, ino: second.value }
}
