import { constants, type PathLike } from 'node:fs'
import {
  encodingArgument,
  integerArgument,
  modeArgument,
  optionsArgument,
  pathArgument,
  previousArgument,
} from './argument.ts'
import type { Drive } from './drive.ts'
import { fileSystemStats } from './file-system-stats.ts'
import { timeMs } from './file-time.ts'
import { encoded } from './listing.ts'
import { Metadata } from './metadata.ts'
import { Namespace } from './namespace.ts'

interface StatOptions {
  readonly bigint: boolean
}

// Node takes anything for the options of `stat`, and some programs give it a boolean.
function isBigint(options: unknown): boolean {
  return (options as Partial<StatOptions> | undefined)?.bigint === true
}

interface EncodingOptions {
  readonly encoding: unknown
}

/** The calls of `node:fs/promises` that look at what a path names, and change what is known of it. */
export function pathCalls(drive: Drive) {
  const metadata = new Metadata(drive)
  const stat = async (path: PathLike, options: unknown, follow: boolean) => {
    return metadata.stat(pathArgument(path), { follow, bigint: isBigint(options) })
  }
  const chown = async (path: PathLike, uid: number, gid: number, follow: boolean) => {
    integerArgument(uid, 'uid', -1)
    integerArgument(gid, 'gid', -1)
    await metadata.chown(pathArgument(path), uid, gid, { follow })
  }
  const utimes = async (path: PathLike, atime: unknown, mtime: unknown, follow: boolean) => {
    const [atimeMs, mtimeMs] = [timeMs(atime, 'atime'), timeMs(mtime, 'mtime')]
    await metadata.utimes(pathArgument(path), atimeMs, mtimeMs, { follow })
  }
  return {
    stat: async (path: PathLike, options?: unknown) => stat(path, options, true),
    lstat: async (path: PathLike, options?: unknown) => stat(path, options, false),
    chown: async (path: PathLike, uid: number, gid: number) => chown(path, uid, gid, true),
    lchown: async (path: PathLike, uid: number, gid: number) => chown(path, uid, gid, false),
    async utimes(path: PathLike, atime: unknown, mtime: unknown) {
      await utimes(path, atime, mtime, true)
    },
    async lutimes(path: PathLike, atime: unknown, mtime: unknown) {
      await utimes(path, atime, mtime, false)
    },
    async chmod(path: PathLike, mode: unknown) {
      await metadata.chmod(pathArgument(path), modeArgument(mode, 0))
    },
    async lchmod() {
      const error = new Error('The lchmod() method is not implemented')
      throw Object.assign(error, { code: 'ERR_METHOD_NOT_IMPLEMENTED' })
    },
    async access(path: PathLike, mode: unknown = constants.F_OK) {
      await metadata.access(pathArgument(path), modeArgument(mode, constants.F_OK))
    },
    async readlink(path: PathLike, options?: unknown) {
      const { encoding } = optionsArgument<EncodingOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      return encoded(await metadata.readlink(pathArgument(path)), text)
    },
    async realpath(path: PathLike, options?: unknown) {
      const { encoding } = optionsArgument<EncodingOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      return encoded(await metadata.realpath(pathArgument(path)), text)
    },
    async statfs(path: PathLike, options?: unknown) {
      const { bigint = false } = optionsArgument<StatOptions>(options)
      const call = { syscall: 'statfs', path: pathArgument(path) }
      await drive.read((tree) => drive.find(tree, call.path, call))
      return fileSystemStats(bigint)
    },
  }
}

/** The calls of `node:fs/promises` that make, move and remove names. */
export function nameCalls(drive: Drive) {
  const names = new Namespace(drive)
  return {
    async mkdir(path: PathLike, options?: unknown) {
      const isMode = typeof options === 'number' || typeof options === 'string'
      const { mode, recursive = false } = isMode
        ? { mode: options }
        : optionsArgument<{ readonly mode: unknown; readonly recursive: boolean }>(options)
      const permissions = modeArgument(mode, 0o777)
      if (recursive) return names.mkdirAll(pathArgument(path), permissions)
      await names.mkdir(pathArgument(path), permissions)
      return undefined
    },
    async mkdtemp(prefix: PathLike, options?: unknown) {
      const { encoding } = optionsArgument<EncodingOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      return encoded(await names.mkdtemp(pathArgument(prefix)), text)
    },
    async unlink(path: PathLike, options?: unknown) {
      const forgetting = previousArgument(options)
      await names.unlink(pathArgument(path), forgetting)
      await drive.settle(forgetting)
    },
    async rename(from: PathLike, to: PathLike, options?: unknown) {
      const forgetting = previousArgument(options)
      await names.rename(pathArgument(from), pathArgument(to), forgetting)
      await drive.settle(forgetting)
    },
    async link(existing: PathLike, path: PathLike) {
      await names.link(pathArgument(existing), pathArgument(path))
    },
    async symlink(target: PathLike, path: PathLike) {
      await names.symlink(pathArgument(target), pathArgument(path))
    },
    /** Removes an empty directory; its option `recursive` is Node's deprecated one. */
    async rmdir(path: PathLike, options?: unknown) {
      const forgetting = previousArgument(options)
      await names.rmdir(pathArgument(path), forgetting)
      await drive.settle(forgetting)
    },
  }
}
