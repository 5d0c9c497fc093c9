import type * as nodefs from 'node:fs'
import type { PreviousOptions } from '@datagram/stream'
import type { FolderCalls } from './folder-calls.ts'
import type { GlobOptions } from './glob.ts'

type Node = typeof nodefs
type Promises = Node['promises']
type SyncName = Extract<keyof Node, `${string}Sync`>
type PathLike = nodefs.PathLike

type NodeFileHandle = nodefs.promises.FileHandle

/** An open file, as Node has it. What `previous: 'forget'` replaces is gone from here when the call resolves. */
export interface ForgetfulFileHandle extends NodeFileHandle {
  writeFile: NodeFileHandle['writeFile'] &
    ((
      data: Parameters<NodeFileHandle['writeFile']>[0],
      options: nodefs.ObjectEncodingOptions & PreviousOptions,
    ) => Promise<void>)
  write: NodeFileHandle['write'] &
    (<B extends Uint8Array>(
      buffer: B,
      options: PreviousOptions & {
        readonly offset?: number
        readonly length?: number
        readonly position?: number | null
      },
    ) => Promise<{ bytesWritten: number; buffer: B }>)
  truncate: (length?: number, options?: PreviousOptions) => Promise<void>
}

/**
 * The calls of `node:fs/promises`. Those that take away or replace what a file held, or a name, take
 * `previous: 'forget'`: then that, and all that was there before it, is gone from here when they resolve, and from
 * every replica with its next update. The default keeps it as long as the stream retains it.
 */
export interface FilePromises extends Promises {
  /** Where the flag does not empty the file, what the data is written over is forgotten. */
  writeFile: Promises['writeFile'] &
    ((
      file: PathLike,
      data: Parameters<Promises['writeFile']>[1],
      options: nodefs.ObjectEncodingOptions & PreviousOptions & { readonly flag?: nodefs.OpenMode },
    ) => Promise<void>)
  /** Of what is there already, what it was before it came to be as it is. */
  appendFile: Promises['appendFile'] &
    ((
      file: PathLike,
      data: Parameters<Promises['appendFile']>[1],
      options: nodefs.ObjectEncodingOptions & PreviousOptions,
    ) => Promise<void>)
  copyFile: (
    from: PathLike,
    to: PathLike,
    mode?: number,
    options?: PreviousOptions,
  ) => Promise<void>
  /** `writeFile`, `appendFile` and `write` of what it gives take the option too, and `truncate` behind the length. */
  open: (...args: Parameters<Promises['open']>) => Promise<ForgetfulFileHandle>
  truncate: Promises['truncate'] &
    ((path: PathLike, length: number, options: PreviousOptions) => Promise<void>)
  unlink: (path: PathLike, options?: PreviousOptions) => Promise<void>
  /** The old name is forgotten, and what the new one stood for. */
  rename: (from: PathLike, to: PathLike, options?: PreviousOptions) => Promise<void>
  rmdir: (path: PathLike, options?: nodefs.RmDirOptions & PreviousOptions) => Promise<void>
  rm: (path: PathLike, options?: nodefs.RmOptions & PreviousOptions) => Promise<void>
  /** As Node has it from version 22 on. */
  glob(
    pattern: string | readonly string[],
    options: Partial<GlobOptions> & { readonly withFileTypes: true },
  ): AsyncIterableIterator<nodefs.Dirent>
  glob(
    pattern: string | readonly string[],
    options?: Partial<GlobOptions> & { readonly withFileTypes?: false },
  ): AsyncIterableIterator<string>
}

/**
 * The files of one stream, as `node:fs` has them: `promises`, callbacks and streams. Relative paths begin at
 * the root. Errors are those of Node: `code`, `errno`, `syscall`, `path`, and on a replica `EROFS` for what
 * would change something. What is not on this machine is fetched; what nobody reachable has ends with
 * `BLOCK_UNAVAILABLE` or `WAIT_TIMEOUT`.
 *
 * The synchronous calls throw `FS_SYNC_ABSENT`.
 */
export interface DatagramFs
  extends Omit<Node, SyncName | 'promises' | 'FileReadStream' | 'FileWriteStream'>,
    Pick<Node, SyncName>,
    FolderCalls {
  readonly promises: FilePromises
}
