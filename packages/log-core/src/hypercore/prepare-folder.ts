import fs from 'node:fs/promises'
import path from 'node:path'
import { isDatagramError } from '@datagram/errors'
import { logError } from '../log-errors.ts'
import { storageError } from './storage-errors.ts'

/** Makes the folder of a store where it is missing. Throws `STORE_NOT_FOUND`, `STORE_NOT_WRITABLE`, `DISK_FULL`. */
export async function prepareFolder(folder: string, createIfMissing: boolean): Promise<void> {
  const there = await statOf(folder)
  if (there !== undefined && !there.isDirectory()) {
    throw logError('STORE_NOT_WRITABLE', `${folder} is a file; a store needs a folder of its own`)
  }
  if (there !== undefined) return
  if (!createIfMissing) {
    throw logError('STORE_NOT_FOUND', `there is no store in ${folder}; check the path`)
  }
  await makeFolder(path.resolve(folder))
}

// Folder by folder: Node's own recursive mkdir never ends where a file system says that a folder is not there
// though the one above is (/proc, for one).
async function makeFolder(folder: string): Promise<void> {
  const parent = path.dirname(folder)
  if (parent !== folder && (await statOf(parent)) === undefined) await makeFolder(parent)
  await fs.mkdir(folder, { mode: 0o700 }).catch(async (cause: NodeJS.ErrnoException) => {
    // Somebody else made it meanwhile; or it is a link that leads nowhere.
    if (cause.code === 'EEXIST' && (await statOf(folder)) !== undefined) return
    const error = storageError(cause)
    if (isDatagramError(error, 'DISK_FULL')) throw error
    throw logError('STORE_NOT_WRITABLE', `${folder} cannot be made; check the rights above it`, {
      cause,
    })
  })
}

async function statOf(folder: string) {
  return fs.stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw logError('STORE_NOT_WRITABLE', `the folder ${folder} cannot be read; check its rights`, {
      cause: error,
    })
  })
}
