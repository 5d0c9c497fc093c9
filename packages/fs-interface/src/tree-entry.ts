import type { BigIntStats } from 'node:fs'
import { errnoError, hasCode } from './errno-error.ts'
import { fsError } from './fs-errors.ts'
import type { HeldDirectory, TreeSide } from './held-directory.ts'

// Times of two file systems are the same when they differ by less: they keep them to nano-, micro- or milliseconds.
const SAME_TIME_NS = 1_000_000n
// Permissions that are carried over: a file that runs as its owner would run as somebody else elsewhere.
const CARRIED_PERMISSIONS = 0o1777n
const REPLACED = '\ufffd'

/** What is carried over from an inode: permissions, and seconds since 1970. */
export interface CarriedMetadata {
  readonly mode: number
  readonly atime: number
  readonly mtime: number
}

export function carriedOf({ mode, atimeNs, mtimeNs }: BigIntStats): CarriedMetadata {
  const seconds = (ns: bigint) => Number(ns) / 1e9
  return {
    mode: Number(mode & CARRIED_PERMISSIONS),
    atime: seconds(atimeNs),
    mtime: seconds(mtimeNs),
  }
}

export function hasSameMode(a: BigIntStats, b: BigIntStats): boolean {
  return (a.mode & CARRIED_PERMISSIONS) === (b.mode & CARRIED_PERMISSIONS)
}

export function hasSameTime({ mtimeNs: a }: BigIntStats, { mtimeNs: b }: BigIntStats): boolean {
  return a - b < SAME_TIME_NS && b - a < SAME_TIME_NS
}

/** Whether two plain files count as the same: as large, and last changed at the same time. */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.isFile() && b.isFile() && a.size === b.size && hasSameTime(a, b)
}

/** Which inode, whatever names it has. */
export function inodeOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

/** What stands under a name, or undefined where nothing does. */
export async function lookAt(
  { calls }: TreeSide,
  directory: HeldDirectory,
  name: string,
): Promise<BigIntStats | undefined> {
  try {
    return await calls.lstat(directory.at(name), { bigint: true })
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    // It was listed: its bytes are not those of any text.
    if (name.includes(REPLACED)) throw errnoError('EILSEQ', { syscall: 'lstat', path: name }, error)
    return undefined
  }
}

/** Throws `FS_NAME_REFUSED` unless `name` leads to a file of this directory wherever it is written. */
export function assertFileName(name: string): void {
  const isPath = name === '' || name === '.' || name === '..' || /[/\0]/.test(name)
  if (!isPath && (process.platform !== 'win32' || !/[\\:]/.test(name))) return
  throw fsError(
    'FS_NAME_REFUSED',
    `${JSON.stringify(name)} cannot be the name of a file here, as it would lead elsewhere; its author has to rename it`,
    { details: { name } },
  )
}

/** The error of a directory that is met a second time. */
export function directoryTwice(at: string): Error {
  return fsError(
    'FS_TREE_CYCLE',
    `the directory ${at} lies in itself, or has a second name; leave it out with a filter`,
    { details: { path: at } },
  )
}
