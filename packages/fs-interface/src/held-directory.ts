import type { BigIntStats } from 'node:fs'
import nodeFs, { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { errnoError } from './errno-error.ts'

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY } = constants
const OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY

/** The calls that trees are copied with: `node:fs/promises`, or the promises of files here. */
export type TreeCalls = Pick<
  typeof nodeFs.promises,
  | 'chmod'
  | 'link'
  | 'lutimes'
  | 'mkdir'
  | 'open'
  | 'readlink'
  | 'rename'
  | 'rmdir'
  | 'symlink'
  | 'unlink'
> & {
  lstat(path: string, options: { readonly bigint: true }): Promise<BigIntStats>
  readdir(path: string): Promise<string[]>
}

/** A directory that is held: what is done in it is done there. */
export interface HeldDirectory {
  readonly handle: Pick<FileHandle, 'chmod' | 'stat' | 'utimes'>
  /** Path of a name in it, for {@link TreeCalls}; of the directory itself without a name. */
  at(name?: string): string
  close(): Promise<void>
}

/** A file system that trees are copied from or to. */
export interface TreeSide {
  readonly calls: TreeCalls
  /** What its root is called in errors. */
  readonly shown: string
  /** Whether names of it are those of this machine's files. */
  readonly isOutside: boolean
  /** Holds a directory. Only the root is followed where it is a link. */
  hold(at: string, isRoot?: boolean): Promise<HeldDirectory>
}

// Where Linux names what a process has open: such a path leads to the directory itself, whatever has become
// of its name. Elsewhere names are all that there is.
const OPEN_FILES = '/proc/self/fd'

/** The files of this machine below `folder`. On Linux nothing that is swapped meanwhile leads out of it. */
export function outsideFiles(folder: string): TreeSide {
  const byNumber = nodeFs.existsSync(OPEN_FILES)
  return {
    calls: nodeFs.promises as TreeCalls,
    shown: path.resolve(folder),
    isOutside: true,
    async hold(at, isRoot = false) {
      const flags = isRoot ? OPEN_DIRECTORY : OPEN_DIRECTORY | O_NOFOLLOW
      const handle = await nodeFs.promises.open(at, flags)
      const base = byNumber ? `${OPEN_FILES}/${handle.fd}` : at
      return {
        handle,
        at: (name = '.') => `${base}/${name}`,
        close: () => handle.close(),
      }
    },
  }
}

/** Files here, below `root`. */
export function insideFiles(calls: TreeCalls, root: string): TreeSide {
  return {
    calls,
    shown: path.posix.resolve('/', root),
    isOutside: false,
    async hold(at, isRoot = false) {
      const flags = isRoot ? OPEN_DIRECTORY : OPEN_DIRECTORY | O_NOFOLLOW
      const handle = await calls.open(at, flags)
      return {
        handle,
        at: (name = '') => path.posix.join(at, name),
        close: () => handle.close(),
      }
    },
  }
}

/** An error of a path in a held directory, as one of the path that people know; any other as it is. */
export function shownError(error: unknown, at: string): unknown {
  const { code, syscall, path: held } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || held?.startsWith(OPEN_FILES) !== true)
    return error
  return errnoError(code, { syscall, path: at }, error)
}
