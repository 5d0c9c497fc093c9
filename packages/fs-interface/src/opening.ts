import { constants } from 'node:fs'
import type { PreviousOptions } from '@datagram/stream'
import type { Drive } from './drive.ts'
import { type Call, errnoError } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import { type Entry, isDirectory, isFile, isLink } from './inode.ts'
import { OpenFile } from './open-file.ts'
import type { OpenFlags } from './open-flags.ts'
import { modeOf, type TreeEdit } from './tree-edit.ts'
import { walk } from './walk.ts'

/** Opens a file, and creates or empties it where the flags say so. */
export async function openFile(
  drive: Drive,
  path: string,
  flags: OpenFlags,
  permissions: number,
  options?: PreviousOptions,
): Promise<OpenFile> {
  const call = { syscall: 'open', path }
  if (!drive.writable) return openReadOnly(drive, path, flags, call)
  let opened: InodeId | undefined
  try {
    // In the order of all changes: what is removed afterwards finds it open.
    const open = async (edit: TreeEdit) => {
      const entry = await openEntry(edit, { path, flags, permissions, call })
      opened = entry
      drive.openFiles.open(entry.ino)
    }
    await drive.inOrder(call, open, options)
  } catch (error) {
    if (opened !== undefined) drive.openFiles.close(opened.ino)
    throw error
  }
  return new OpenFile(drive, opened as InodeId, flags)
}

async function openReadOnly(
  drive: Drive,
  path: string,
  flags: OpenFlags,
  call: Call,
): Promise<OpenFile> {
  const follow = !flags.noFollow
  const { entry } = await drive.read(async (tree) => {
    const found = await walk(tree, path, call, { follow })
    if (found.entry === undefined) throw errnoError(flags.create ? 'EROFS' : 'ENOENT', call)
    return { entry: found.entry }
  })
  assertOpenable(entry, flags, call)
  if (flags.create && flags.exclusive) throw errnoError('EEXIST', call)
  if (flags.writable || flags.truncate) throw errnoError('EROFS', call)
  return new OpenFile(drive, entry, flags)
}

/** How {@link openEntry} opens. */
export interface Opening {
  readonly path: string
  readonly flags: OpenFlags
  /** Permissions of a new file, before the umask. */
  readonly permissions: number
  readonly call: Call
  /** What a new file begins with; default nothing. */
  readonly content?: Uint8Array
}

/** What was opened. */
export interface OpenedEntry extends Entry {
  readonly isNew: boolean
}

/** What a path leads to, created or emptied where the flags say so. */
export async function openEntry(
  edit: TreeEdit,
  { path, flags, permissions, call, content }: Opening,
): Promise<OpenedEntry> {
  const isNewOnly = flags.create && flags.exclusive
  const follow = !flags.noFollow && !isNewOnly
  const found = await walk(edit, path, call, { follow, create: flags.create })
  const { entry } = found
  if (entry === undefined) {
    if (!flags.create) throw errnoError('ENOENT', call)
    const mode = modeOf(constants.S_IFREG, permissions)
    return { ...(await edit.create(found, { mode, content })), isNew: true }
  }
  if (isNewOnly) throw errnoError('EEXIST', call)
  assertOpenable(entry, flags, call)
  if (flags.truncate && isFile(entry)) await empty(edit, entry)
  return { ...entry, isNew: false }
}

function assertOpenable(entry: Entry, flags: OpenFlags, call: Call): void {
  if (isLink(entry)) throw errnoError('ELOOP', call)
  const isWritten = flags.writable || flags.truncate || flags.create
  if (isDirectory(entry) && isWritten) throw errnoError('EISDIR', call)
  if (!isDirectory(entry) && flags.directory) throw errnoError('ENOTDIR', call)
}

async function empty(edit: TreeEdit, entry: Entry): Promise<void> {
  const inode = await edit.inode(entry)
  if (inode === undefined) return
  const state = await edit.truncate(entry, inode, 0)
  edit.putInode(entry, { ...inode, ...state, mtimeMs: edit.now, ctimeMs: edit.now })
}
