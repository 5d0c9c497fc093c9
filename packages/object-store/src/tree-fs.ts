import { constants } from 'node:fs'
import nodeFs from 'node:fs/promises'
import path from 'node:path'

/** What is asked of a file's stats. */
export interface TreeStats {
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly dev: number
  readonly ino: number
  isFile(): boolean
  isDirectory(): boolean
}

/** What is asked of an open file. */
export interface TreeFile {
  stat(): Promise<TreeStats>
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ readonly bytesRead: number }>
  writeFile(data: Uint8Array): Promise<unknown>
  close(): Promise<unknown>
}

/**
 * What trees are read from and written to: `node:fs/promises`, the `promises` of `@datagram/fs-interface`, or
 * whatever else has these.
 */
export interface TreeFs {
  stat(path: string): Promise<TreeStats>
  lstat(path: string): Promise<TreeStats>
  readdir(
    path: string,
    options: { readonly withFileTypes: true },
  ): Promise<readonly { readonly name: string; isFile(): boolean; isDirectory(): boolean }[]>
  open(path: string, flags: string | number, mode?: number): Promise<TreeFile>
  mkdir(
    path: string,
    options?: { readonly recursive?: boolean; readonly mode?: number },
  ): Promise<unknown>
  chmod(path: string, mode: number): Promise<unknown>
  rename(from: string, to: string): Promise<unknown>
  rm(path: string, options: { readonly recursive: true; readonly force: true }): Promise<unknown>
}

/** Opens what is a plain file now, whatever it was a moment ago: no link is followed, no pipe waited for. */
export const READ_FLAGS: number =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** A file system with the way in which its paths are put together. */
export interface PathedFs {
  readonly fs: TreeFs
  readonly paths: path.PlatformPath
}

/** The machine's own file system, unless another one is given; that one has paths of POSIX. */
export function pathedFs(fs: TreeFs | undefined): PathedFs {
  return fs === undefined ? { fs: nodeFs, paths: path } : { fs, paths: path.posix }
}

/** Whether an error is that of a system call with this code. */
export function hasSystemCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(String((error as { code?: unknown } | null)?.code))
}
