import type { PreviousOptions, WaitOptions } from '@datagram/stream'
import { constants } from 'node:fs'
import { CopiedFile, type FileThere } from './copied-file.ts'
import { CELL_BYTES, readInto, writeBody } from './content.ts'
import type { Drive } from './drive.ts'
import { type Call, errnoError } from './errno-error.ts'
import { writeForgetting } from './forgotten-content.ts'
import type { InodeId } from './fs-key.ts'
import { isDirectory } from './inode.ts'
import type { OpenFile } from './open-file.ts'
import { type OpenFlags, openFlags } from './open-flags.ts'
import { openEntry, openFile } from './opening.ts'
import type { TreeEdit } from './tree-edit.ts'

/** A file up to this many bytes is written in one step; a larger one in steps of this. */
const STEP_BYTES = 16 * CELL_BYTES
// Steps that are under way at a time.
const STEPS_AT_ONCE = 2

/** How a whole file is read. */
export interface ReadWholeOptions extends WaitOptions {
  readonly flags: OpenFlags
}

/** The whole content of a file, of one moment. */
export async function readWhole(
  drive: Drive,
  path: string,
  { flags, ...wait }: ReadWholeOptions,
): Promise<Buffer> {
  if (flags.writable || flags.create || flags.truncate) {
    const file = await openFile(drive, path, flags, 0o666)
    try {
      return await readOpen(file, wait)
    } finally {
      await file.close()
    }
  }
  const call = { syscall: 'open', path }
  return drive.read(async (tree) => {
    const { entry } = await drive.find(tree, path, call)
    if (isDirectory(entry)) throw errnoError('EISDIR', { syscall: 'read' })
    const inode = await tree.inode(entry)
    if (inode === undefined) throw errnoError('ENOENT', call)
    const bytes = Buffer.allocUnsafeSlow(inode.size)
    await readInto(tree.reader, { ...entry, ...inode }, bytes, 0, wait)
    return bytes
  })
}

/** What is left of an open file from its position on. */
export async function readOpen(file: OpenFile, wait?: WaitOptions): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (;;) {
    wait?.signal?.throwIfAborted()
    const { size } = await file.inode('fstat')
    const piece = Buffer.allocUnsafeSlow(Math.min(Math.max(size, CELL_BYTES), STEP_BYTES))
    const bytesRead = await file.read(piece, undefined, wait)
    if (bytesRead === 0) return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    pieces.push(piece.subarray(0, bytesRead))
  }
}

/** How a whole file is written. */
export interface WriteWholeOptions extends PreviousOptions {
  readonly flags: OpenFlags
  /** Permissions of a new file, before the umask. */
  readonly permissions: number
  readonly signal: AbortSignal | undefined
}

/**
 * Writes a file: opened, written and closed in one step when it is small, from a copy. With more, as with
 * Node, the caller leaves the bytes alone until it resolves.
 */
export async function writeWhole(
  drive: Drive,
  path: string,
  bytes: Uint8Array,
  options: WriteWholeOptions,
): Promise<void> {
  options.signal?.throwIfAborted()
  const { flags, permissions, previous } = options
  if (bytes.byteLength <= STEP_BYTES && flags.writable && drive.writable) {
    const call = { syscall: 'open', path }
    const written = new Uint8Array(bytes)
    const write = async (edit: TreeEdit) => {
      const opening = { path, flags, permissions, call, content: written }
      const { isNew, ...entry } = await openEntry(edit, opening)
      if (isNew || written.byteLength === 0) return
      const start = flags.append ? ((await edit.inode(entry))?.size ?? 0) : 0
      // Where opening empties the file, all of before is forgotten by that.
      await writeAt(edit, entry, written, start, flags.truncate ? {} : { previous })
    }
    return drive.edit(call, write, { previous })
  }
  const file = await openFile(drive, path, flags, permissions, { previous })
  try {
    await writeOpen(file, bytes, options.signal, flags.truncate ? {} : { previous })
  } finally {
    await file.close()
  }
}

/** Writes at an open file's position, in steps that overlap. */
export async function writeOpen(
  file: OpenFile,
  bytes: Uint8Array,
  signal?: AbortSignal,
  previous?: PreviousOptions,
): Promise<void> {
  const underWay: Promise<unknown>[] = []
  try {
    for (let at = 0; at < bytes.byteLength; at += STEP_BYTES) {
      signal?.throwIfAborted()
      const writing = file.write(bytes.subarray(at, at + STEP_BYTES), undefined, previous)
      // Awaited below, in turn; until then a failure must not count as unhandled.
      writing.catch(() => undefined)
      underWay.push(writing)
      if (underWay.length >= STEPS_AT_ONCE) await underWay.shift()
    }
  } finally {
    await Promise.all(underWay)
  }
}

/** How a file is copied. `mode` as `COPYFILE_…` of Node; `previous`: what becomes of what the copy replaces. */
export interface CopyWholeOptions extends PreviousOptions {
  readonly mode: number
}

/** Copies a file's content and permissions. */
export async function copyWhole(
  drive: Drive,
  from: string,
  to: string,
  options: CopyWholeOptions,
): Promise<void> {
  const call = { syscall: 'copyfile', path: from, dest: to }
  const source = await drive.read(async (tree) => {
    const { entry } = await drive.find(tree, from, call)
    const inode = await tree.inode(entry)
    if (inode === undefined) throw errnoError('ENOENT', call)
    return { id: entry, inode, path: from }
  })
  if (isDirectory(source.inode)) throw errnoError('EISDIR', call)
  await copyInto(drive, source, { to, call, ...options })
}

interface Copying extends CopyWholeOptions {
  readonly to: string
  readonly call: Call
}

async function copyInto(
  drive: Drive,
  source: FileThere,
  { to, mode, call, previous }: Copying,
): Promise<void> {
  const { id, inode } = source
  const isNewOnly = (mode & constants.COPYFILE_EXCL) !== 0
  const flags = openFlags(isNewOnly ? 'wx' : 'r+')
  const opening = { path: to, flags: { ...flags, create: true }, permissions: inode.mode, call }
  using content = new CopiedFile(drive, source)
  const first = await content.read(0, STEP_BYTES)
  const replace = async (edit: TreeEdit) => {
    const entry = await openEntry(edit, opening)
    if (entry.ino !== id.ino) await replaceContent(edit, entry, { bytes: first, mode: inode.mode })
    return entry
  }
  const target = await drive.edit(call, replace, { previous })
  if (target.ino === id.ino) return
  for (let at = STEP_BYTES; at < content.size; at += STEP_BYTES) {
    const bytes = await content.read(at, STEP_BYTES)
    await drive.edit(call, (edit) => writeAt(edit, target, bytes, at))
  }
}

async function replaceContent(
  edit: TreeEdit,
  id: InodeId,
  { bytes, mode }: { readonly bytes: Uint8Array; readonly mode: number },
): Promise<void> {
  const inode = await edit.inode(id)
  if (inode === undefined) return
  const emptied = await edit.truncate(id, inode, 0)
  const permissions = (inode.mode & ~0o7777) | (mode & 0o7777)
  edit.putInode(id, { ...inode, ...emptied, mode: permissions, mtimeMs: edit.now })
  await writeAt(edit, id, bytes, 0)
}

async function writeAt(
  edit: TreeEdit,
  id: InodeId,
  bytes: Uint8Array,
  position: number,
  { previous }: PreviousOptions = {},
): Promise<void> {
  const inode = await edit.inode(id)
  if (inode === undefined) return
  const write = previous === 'forget' ? writeForgetting : writeBody
  const state = await write(edit.tx, { ...id, ...inode }, bytes, position)
  edit.putInode(id, { ...inode, ...state, mtimeMs: edit.now, ctimeMs: edit.now })
}
