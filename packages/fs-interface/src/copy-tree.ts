import { constants } from 'node:os'
import path from 'node:path'
import type { Drive } from './drive.ts'
import { hasCode } from './errno-error.ts'
import { list } from './listing.ts'
import { Metadata } from './metadata.ts'
import { Namespace } from './namespace.ts'
import type { Stats } from './stats.ts'
import { copyWhole } from './whole-file.ts'

/** Options of `cp`, as Node has them. */
export interface CopyOptions {
  readonly dereference?: boolean | undefined
  readonly errorOnExist?: boolean | undefined
  readonly filter?: ((from: string, to: string) => boolean | Promise<boolean>) | undefined
  readonly force?: boolean | undefined
  readonly mode?: number | undefined
  readonly preserveTimestamps?: boolean | undefined
  readonly recursive?: boolean | undefined
  readonly verbatimSymlinks?: boolean | undefined
}

/** `cp` of Node: a file, or with `recursive` a directory and all below it. */
export function copyTree(
  drive: Drive,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<void> {
  return new TreeCopy(drive, options).run(from, to)
}

class TreeCopy {
  readonly #drive: Drive
  readonly #metadata: Metadata
  readonly #names: Namespace
  readonly #options: CopyOptions

  constructor(drive: Drive, options: CopyOptions) {
    this.#drive = drive
    this.#metadata = new Metadata(drive)
    this.#names = new Namespace(drive)
    this.#options = options
  }

  async run(from: string, to: string): Promise<void> {
    const source = await this.#stat(from)
    const target = await this.#statIfThere(to)
    this.#assertFits(from, to, source, target)
    await this.#assertNotInside(source, from, to)
    if (!(await this.#isWanted(from, to))) return
    await this.#names.mkdirAll(path.posix.dirname(to), 0o777)
    await this.#copy(from, to, source, target)
  }

  async #copy(from: string, to: string, source: Stats, target: Stats | undefined): Promise<void> {
    if (source.isSymbolicLink()) return this.#copyLink(from, to, target)
    if (source.isDirectory()) return this.#copyDirectory(from, to, source, target)
    return this.#copyFile(from, to, source, target)
  }

  async #copyDirectory(
    from: string,
    to: string,
    source: Stats,
    target: Stats | undefined,
  ): Promise<void> {
    if (this.#options.recursive !== true) {
      const why = `${from} is a directory (not copied)`
      throw copyError('ERR_FS_EISDIR', why, { system: 'EISDIR', path: from })
    }
    if (target === undefined) await this.#names.mkdir(to, 0o777)
    const call = { syscall: 'opendir', path: from }
    for (const { name } of await list(this.#drive, from, { recursive: false, call })) {
      const [inner, outer] = [path.posix.join(from, name), path.posix.join(to, name)]
      if (!(await this.#isWanted(inner, outer))) continue
      const [innerStat, outerStat] = [await this.#stat(inner), await this.#statIfThere(outer)]
      this.#assertFits(inner, outer, innerStat, outerStat)
      await this.#copy(inner, outer, innerStat, outerStat)
    }
    if (target === undefined) await this.#metadata.chmod(to, source.mode)
  }

  async #copyFile(
    from: string,
    to: string,
    source: Stats,
    target: Stats | undefined,
  ): Promise<void> {
    const { force = true, errorOnExist = false, mode = 0, preserveTimestamps } = this.#options
    if (target !== undefined) {
      if (!force && errorOnExist) {
        throw copyError('ERR_FS_CP_EEXIST', `${to} already exists`, { system: 'EEXIST', path: to })
      }
      if (!force) return
      await this.#names.unlink(to)
    }
    await copyWhole(this.#drive, from, to, { mode })
    if (preserveTimestamps !== true) return
    await this.#metadata.utimes(to, source.atimeMs, source.mtimeMs, { follow: true })
  }

  async #copyLink(from: string, to: string, before: Stats | undefined): Promise<void> {
    const { verbatimSymlinks = false } = this.#options
    const stored = await this.#metadata.readlink(from)
    const isKept = verbatimSymlinks || path.posix.isAbsolute(stored)
    const link = isKept ? stored : path.posix.resolve('/', path.posix.dirname(from), stored)
    if (before?.isSymbolicLink() === true) {
      const other = await this.#metadata.readlink(to)
      const target = path.posix.resolve('/', path.posix.dirname(to), other)
      const isDirectory = (await this.#stat(from, true)).isDirectory()
      if (isDirectory && isInside(link, target)) {
        const why = `cannot copy ${link} to a subdirectory of self ${target}`
        throw copyError('ERR_FS_CP_EINVAL', why, { system: 'EINVAL', path: to })
      }
      if (isDirectory && isInside(target, link)) {
        const why = `cannot overwrite ${target} with ${link}`
        throw copyError('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', why, { system: 'EINVAL', path: to })
      }
      await this.#names.unlink(to)
    }
    await this.#names.symlink(link, to)
  }

  #assertFits(from: string, to: string, source: Stats, target: Stats | undefined): void {
    if (target !== undefined) {
      if (source.ino === target.ino) {
        const why = 'src and dest cannot be the same'
        throw copyError('ERR_FS_CP_EINVAL', why, { system: 'EINVAL', path: to })
      }
      if (source.isDirectory() && !target.isDirectory()) {
        const why = `cannot overwrite non-directory ${to} with directory ${from}`
        throw copyError('ERR_FS_CP_DIR_TO_NON_DIR', why, { system: 'EISDIR', path: to })
      }
      if (!source.isDirectory() && target.isDirectory()) {
        const why = `cannot overwrite directory ${to} with non-directory ${from}`
        throw copyError('ERR_FS_CP_NON_DIR_TO_DIR', why, { system: 'ENOTDIR', path: to })
      }
    }
    if (source.isDirectory() && isInside(from, to)) throw intoItself(from, to)
  }

  // A link on the way may lead into the source.
  async #assertNotInside(source: Stats, from: string, to: string): Promise<void> {
    if (!source.isDirectory()) return
    for (let at = path.posix.resolve('/', to); at !== '/'; ) {
      at = path.posix.dirname(at)
      const stats = await this.#statIfThere(at, true)
      if (stats?.ino === source.ino) throw intoItself(from, to)
    }
  }

  async #isWanted(from: string, to: string): Promise<boolean> {
    const { filter } = this.#options
    return filter === undefined || (await filter(from, to))
  }

  async #stat(at: string, follow = this.#options.dereference === true): Promise<Stats> {
    // Without `bigint` these are plain Stats.
    return (await this.#metadata.stat(at, { follow, bigint: false })) as Stats
  }

  async #statIfThere(at: string, follow?: boolean): Promise<Stats | undefined> {
    try {
      return await this.#stat(at, follow)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }
}

function isInside(outer: string, inner: string): boolean {
  const [of, is] = [path.posix.resolve('/', outer), path.posix.resolve('/', inner)]
  return is === of || is.startsWith(of === '/' ? of : `${of}/`)
}

function intoItself(from: string, to: string): Error {
  const why = `cannot copy ${from} to a subdirectory of self ${to}`
  return copyError('ERR_FS_CP_EINVAL', why, { system: 'EINVAL', path: to })
}

// As Node words them.
const sentences = {
  ERR_FS_CP_EINVAL: 'Invalid src or dest',
  ERR_FS_CP_EEXIST: 'Target already exists',
  ERR_FS_CP_DIR_TO_NON_DIR: 'Cannot overwrite non-directory with directory',
  ERR_FS_CP_NON_DIR_TO_DIR: 'Cannot overwrite directory with non-directory',
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: 'Cannot overwrite symlink in subdirectory of self',
  ERR_FS_EISDIR: 'Path is a directory',
} as const

interface CopyFault {
  /** The code of the system that is nearest. */
  readonly system: keyof typeof constants.errno
  readonly path: string
}

function copyError(code: keyof typeof sentences, why: string, { system, path }: CopyFault): Error {
  const error = new Error(`${sentences[code]}: cp returned ${system} (${why}) ${path}`)
  error.name = 'SystemError'
  return Object.assign(error, { code, errno: constants.errno[system], syscall: 'cp', path })
}
