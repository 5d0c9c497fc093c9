import fs from 'node:fs'
import path from 'node:path'
import { isDatagramError } from '@datagram/errors'
import { logError } from '../log-errors.ts'
import { storageError } from './storage-errors.ts'

/** Makes the folder of a store where it is missing. Throws `STORE_NOT_FOUND`, `STORE_NOT_WRITABLE`, `DISK_FULL`. */
export async function prepareFolder(folder: string, createIfMissing: boolean): Promise<void> {
  const there = statOf(folder)
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
  if (parent !== folder && statOf(parent) === undefined) await makeFolder(parent)
  await fs.promises.mkdir(folder, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    // Somebody else made it meanwhile; or it is a link that leads nowhere.
    if (cause.code === 'EEXIST' && statOf(folder) !== undefined) return
    const error = storageError(cause)
    if (isDatagramError(error, 'DISK_FULL')) throw error
    throw logError('STORE_NOT_WRITABLE', `${folder} cannot be made; check the rights above it`, {
      cause,
    })
  })
}

function statOf(folder: string): fs.Stats | undefined {
  try {
    return fs.statSync(folder, { throwIfNoEntry: false })
  } catch (cause) {
    throw logError('STORE_NOT_WRITABLE', `the folder ${folder} cannot be read; check its rights`, {
      cause,
    })
  }
}
