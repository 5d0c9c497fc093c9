import nodefs from 'node:fs'
import { fsError } from './fs-errors.ts'

// Calls whose twin among the promises has another name.
const twins: Readonly<Record<string, string>> = {
  exists: 'access',
  close: 'FileHandle.close',
  read: 'FileHandle.read',
  readv: 'FileHandle.readv',
  write: 'FileHandle.write',
  writev: 'FileHandle.writev',
  fchmod: 'FileHandle.chmod',
  fchown: 'FileHandle.chown',
  fdatasync: 'FileHandle.datasync',
  fstat: 'FileHandle.stat',
  fsync: 'FileHandle.sync',
  ftruncate: 'FileHandle.truncate',
  futimes: 'FileHandle.utimes',
}

/** The synchronous calls of `node:fs`: each throws and names its twin, since no log is read at once. */
export function syncCalls(): Record<string, () => never> {
  const names = Object.keys(nodefs).filter((name) => name.endsWith('Sync'))
  return Object.fromEntries(names.map((name) => [name, () => refuse(name)]))
}

function refuse(name: string): never {
  const base = name.slice(0, -'Sync'.length)
  throw fsError(
    'FS_SYNC_ABSENT',
    `${name} cannot be had: files are kept in a log, which is read and written asynchronously; use promises.${twins[base] ?? base}`,
  )
}
