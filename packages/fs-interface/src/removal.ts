import type { PreviousOptions } from '@datagram/stream'
import type { Drive, FoundEntry } from './drive.ts'
import { type Call, errnoError, hasCode } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import { isDirectory } from './inode.ts'
import type { TreeEdit } from './tree-edit.ts'
import { directoryOf } from './walk.ts'

/** Options of `rm`, as Node has them, and what becomes of what it removes. */
export interface RemoveOptions extends PreviousOptions {
  readonly force?: boolean | undefined
  readonly recursive?: boolean | undefined
}

// How often a directory is emptied again into which others keep writing.
const ROUNDS_MAX = 16

/** Removes a file, or with `recursive` a directory and all below it: each directory in one step. */
export async function remove(
  drive: Drive,
  path: string,
  { force = false, recursive = false, ...options }: RemoveOptions,
): Promise<void> {
  const call = { syscall: 'rm', path }
  const looking = { syscall: 'lstat', path }
  try {
    const { entry, name } = await drive.read((tree) =>
      drive.find(tree, path, looking, { follow: false }),
    )
    if (!drive.writable) throw errnoError('EROFS', call)
    if (isDirectory(entry) && !recursive) throw isDirectoryError(path)
    if (isDirectory(entry)) await empty(drive, entry, call, options)
    if (name !== undefined || !isDirectory(entry))
      await removeName(drive, path, entry, { call, ...options })
  } catch (error) {
    if (!force || !hasCode(error, 'ENOENT')) throw error
  }
}

/** Removes everything in a directory. */
async function empty(
  drive: Drive,
  directory: InodeId,
  call: Call,
  options: PreviousOptions,
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const inner: InodeId[] = []
    await drive.read(async (tree) => {
      inner.length = 0
      for await (const entry of tree.entries(directory.ino)) {
        if (isDirectory(entry)) inner.push(entry)
      }
    })
    for (const one of inner) await empty(drive, one, call, options)
    const isEmpty = await drive.edit(call, (edit) => removeEntries(edit, directory), options)
    if (isEmpty) return
  }
  throw errnoError('ENOTEMPTY', call)
}

// All files of a directory and its empty directories; whether nothing is left.
async function removeEntries(edit: TreeEdit, directory: InodeId): Promise<boolean> {
  let isEmpty = true
  for (const entry of await edit.inodes(directory.ino)) {
    if (isDirectory(entry) && !(await edit.isEmpty(entry.ino))) {
      isEmpty = false
      continue
    }
    edit.delEntry(directory.ino, entry.name)
    await edit.dropLink(entry)
  }
  await edit.touch(directory)
  return isEmpty
}

function removeName(
  drive: Drive,
  path: string,
  before: InodeId,
  { call, ...options }: PreviousOptions & { readonly call: Call },
): Promise<void> {
  const remove = async (edit: TreeEdit) => {
    const found: FoundEntry = await drive.find(edit, path, call, { follow: false })
    if (found.name === undefined || found.entry.ino !== before.ino) return
    if (isDirectory(found.entry) && !(await edit.isEmpty(found.entry.ino))) {
      throw errnoError('ENOTEMPTY', call)
    }
    await edit.unname(directoryOf(found), found.name)
    await edit.dropLink(found.entry)
  }
  return drive.edit(call, remove, options)
}

// As Node throws it for a directory without `recursive`.
function isDirectoryError(path: string): Error {
  const message = `Path is a directory: rm returned EISDIR (is a directory) ${path}`
  const error = new Error(message)
  error.name = 'SystemError'
  return Object.assign(error, { code: 'ERR_FS_EISDIR', errno: 21, syscall: 'rm', path })
}
