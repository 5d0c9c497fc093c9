import { constants } from 'node:fs'
import b4a from 'b4a'
import c from 'compact-encoding'
import { fsError } from './fs-errors.ts'
import type { InodeId } from './fs-key.ts'

/*
 * An inode.
 *
 *   size  field
 *   1     format, 1
 *   1…    uint, mode: type and permissions, as `stat` has it
 *   1…    uint, links: names that it has
 *   1…    uint, uid
 *   1…    uint, gid
 *   1…    uint, size in bytes
 *   1…    uint, patches: bodies that lie over its cells
 *   8     float64, atime, milliseconds since 1970
 *   8     float64, mtime
 *   8     float64, ctime
 *   8     float64, birthtime
 *   …     of a symbolic link: its target in UTF-8, `size` bytes
 */
const FORMAT = 1

/** What is known of a file, whatever names it has. Times are milliseconds since 1970. */
export interface Inode {
  readonly mode: number
  /** How many names it has; of a directory always 1. */
  readonly links: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** How many bodies lie over its cells. */
  readonly patches: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly birthtimeMs: number
  /** Target of a symbolic link, else empty. */
  readonly target: string
}

/** Type of a file: the bits of its mode that say so. */
export function typeOf(mode: number): number {
  return mode & constants.S_IFMT
}

export function isDirectory({ mode }: { readonly mode: number }): boolean {
  return typeOf(mode) === constants.S_IFDIR
}

export function isFile({ mode }: { readonly mode: number }): boolean {
  return typeOf(mode) === constants.S_IFREG
}

export function isLink({ mode }: { readonly mode: number }): boolean {
  return typeOf(mode) === constants.S_IFLNK
}

/** A new inode of a mode (type and permissions), of this process's user. */
export function newInode(mode: number, now: number): Inode {
  return {
    mode,
    links: 1,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    size: 0,
    patches: 0,
    atimeMs: now,
    mtimeMs: now,
    ctimeMs: now,
    birthtimeMs: now,
    target: '',
  }
}

/** The root, until something is written in it. */
export const emptyRoot: Inode = { ...newInode(constants.S_IFDIR | 0o755, 0), uid: 0, gid: 0 }

export function encodeInode(inode: Inode): Uint8Array {
  const state = { start: 0, end: 33, buffer: new Uint8Array(0) }
  const target = b4a.from(inode.target)
  const numbers = [inode.mode, inode.links, inode.uid, inode.gid, inode.size, inode.patches]
  for (const number of numbers) c.uint.preencode(state, number)
  state.end += target.byteLength
  state.buffer = new Uint8Array(state.end)
  state.buffer[state.start++] = FORMAT
  for (const number of numbers) c.uint.encode(state, number)
  for (const time of [inode.atimeMs, inode.mtimeMs, inode.ctimeMs, inode.birthtimeMs]) {
    c.float64.encode(state, time)
  }
  state.buffer.set(target, state.start)
  return state.buffer
}

/** Throws `FS_RECORD_UNKNOWN` or `FS_RECORD_DAMAGED`. */
export function decodeInode(bytes: Uint8Array): Inode {
  if (bytes[0] !== FORMAT) throw recordUnknown('an inode', bytes[0])
  const state = { start: 1, end: bytes.byteLength, buffer: bytes }
  try {
    return {
      mode: c.uint.decode(state),
      links: c.uint.decode(state),
      uid: c.uint.decode(state),
      gid: c.uint.decode(state),
      size: c.uint.decode(state),
      patches: c.uint.decode(state),
      atimeMs: c.float64.decode(state),
      mtimeMs: c.float64.decode(state),
      ctimeMs: c.float64.decode(state),
      birthtimeMs: c.float64.decode(state),
      target: b4a.toString(bytes.subarray(state.start), 'utf8'),
    }
  } catch (cause) {
    throw recordDamaged('an inode', cause)
  }
}

/*
 * The value of a directory entry.
 *
 *   size  field
 *   1     format, 1
 *   1…    uint, type and permissions bits as they were: only the type holds
 *   1…    uint, home of the inode
 *   1…    uint, inode number
 */

/** What a name in a directory stands for. */
export interface Entry extends InodeId {
  /** Its type, as the bits of a mode. */
  readonly mode: number
}

export function encodeEntry({ mode, home, ino }: Entry): Uint8Array {
  const state = { start: 0, end: 1, buffer: new Uint8Array(0) }
  const numbers = [typeOf(mode), home, ino]
  for (const number of numbers) c.uint.preencode(state, number)
  state.buffer = new Uint8Array(state.end)
  state.buffer[state.start++] = FORMAT
  for (const number of numbers) c.uint.encode(state, number)
  return state.buffer
}

/** Throws `FS_RECORD_UNKNOWN` or `FS_RECORD_DAMAGED`. */
export function decodeEntry(bytes: Uint8Array): Entry {
  if (bytes[0] !== FORMAT) throw recordUnknown('a directory entry', bytes[0])
  const state = { start: 1, end: bytes.byteLength, buffer: bytes }
  try {
    return { mode: c.uint.decode(state), home: c.uint.decode(state), ino: c.uint.decode(state) }
  } catch (cause) {
    throw recordDamaged('a directory entry', cause)
  }
}

function recordUnknown(what: string, format: number | undefined): Error {
  const message = `${what} of the file system has format ${format}, which is not known here; a newer version may read it`
  return fsError('FS_RECORD_UNKNOWN', message)
}

function recordDamaged(what: string, cause: unknown): Error {
  const message = `${what} of the file system cannot be read; fetch the index again from another peer`
  return fsError('FS_RECORD_DAMAGED', message, { cause })
}
