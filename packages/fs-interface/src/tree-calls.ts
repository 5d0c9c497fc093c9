import type { PathLike } from 'node:fs'
import { encodingArgument, optionsArgument, pathArgument, previousArgument } from './argument.ts'
import { type CopyOptions, copyTree } from './copy-tree.ts'
import { Dir } from './directory.ts'
import type { Dirent } from './dirent.ts'
import type { Drive } from './drive.ts'
import { globNames, type GlobOptions } from './glob.ts'
import { direntsOf, encoded, list } from './listing.ts'
import { remove, type RemoveOptions } from './removal.ts'

interface ListOptions {
  readonly encoding: unknown
  readonly recursive: boolean
  readonly withFileTypes: boolean
}

/** The calls of `node:fs/promises` that go over directories. */
export function treeCalls(drive: Drive) {
  return {
    async readdir(path: PathLike, options?: unknown) {
      const { encoding, recursive = false, withFileTypes } = optionsArgument<ListOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      const directory = pathArgument(path)
      const call = { syscall: 'scandir', path: directory }
      const listed = await list(drive, directory, { recursive, call })
      if (withFileTypes === true) return direntsOf(listed, text)
      return listed.map(({ relativePath }) => encoded(relativePath, text))
    },
    async opendir(path: PathLike, options?: unknown) {
      const { encoding, recursive = false } = optionsArgument<ListOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      const directory = pathArgument(path)
      const call = { syscall: 'opendir', path: directory }
      const listed = await list(drive, directory, { recursive, call })
      return new Dir(directory, direntsOf(listed, text) as Dirent[])
    },
    /** As Node has it from version 22 on: the names that match, from `cwd` on (default the root). */
    glob: (pattern: string | readonly string[], options?: unknown) =>
      globNames(drive, pattern, optionsArgument<GlobOptions>(options)),
    async rm(path: PathLike, options?: unknown) {
      const forgetting = previousArgument(options)
      const wanted = { ...optionsArgument<RemoveOptions>(options), ...forgetting }
      await remove(drive, pathArgument(path), wanted)
      await drive.settle(forgetting)
    },
    async cp(from: PathLike, to: PathLike, options?: unknown) {
      const wanted = optionsArgument<CopyOptions>(options)
      await copyTree(drive, pathArgument(from), pathArgument(to), wanted)
    },
  }
}
