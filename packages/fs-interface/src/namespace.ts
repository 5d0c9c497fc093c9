import { constants } from 'node:fs'
import type { PreviousOptions } from '@datagram/stream'
import { assertFree, type Drive } from './drive.ts'
import { type Call, errnoError, hasCode } from './errno-error.ts'
import { isDirectory } from './inode.ts'
import { ROOT } from './tree.ts'
import { modeOf, type TreeEdit } from './tree-edit.ts'
import { directoryOf, type Found, walk } from './walk.ts'

const { S_IFDIR, S_IFLNK } = constants
const TARGET_BYTES_MAX = 4095
// Names that `mkdtemp` tries before it gives up.
const RANDOM_NAMES_MAX = 62
const RANDOM_CHARACTERS = 6

type PathCall = Call & { readonly path: string }

interface Made {
  /** The first directory that was made. */
  readonly first: string | undefined
  readonly failure: unknown
}

/** Makes, moves and removes names. */
export class Namespace {
  readonly #drive: Drive

  constructor(drive: Drive) {
    this.#drive = drive
  }

  mkdir(path: string, permissions: number): Promise<void> {
    const call = { syscall: 'mkdir', path }
    return this.#drive.edit(call, async (edit) => {
      const found = await walk(edit, path, call, { nameOnly: true })
      if (found.entry !== undefined) throw errnoError('EEXIST', call)
      await edit.create(found, { mode: modeOf(S_IFDIR, permissions) })
    })
  }

  /** Makes a directory and those before it; the first one that was made, as it was named, or undefined. */
  async mkdirAll(path: string, permissions: number): Promise<string | undefined> {
    const call = { syscall: 'mkdir', path }
    // As with Node, what was made before a failure stays: the failure is told after the commit.
    const made = await this.#drive.edit(call, (edit) => this.#makeAll(edit, call, permissions))
    if (made.failure !== undefined) throw made.failure
    return made.first
  }

  async #makeAll(edit: TreeEdit, call: PathCall, permissions: number): Promise<Made> {
    const pending = [call.path]
    let first: string | undefined
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      try {
        const { entry, ...found } = await walk(edit, next, call, { nameOnly: true })
        if (entry === undefined) {
          await edit.create({ ...found, entry }, { mode: modeOf(S_IFDIR, permissions) })
          first ??= next
          continue
        }
        const there = await walk(edit, next, call)
        const isLast = pending.length === 0
        if (there.entry === undefined) {
          throw errnoError(isLast ? 'ENOENT' : 'ENOTDIR', { ...call, path: next })
        }
        if (!isDirectory(there.entry)) throw errnoError(isLast ? 'EEXIST' : 'ENOTDIR', call)
      } catch (failure) {
        const before = next.slice(0, Math.max(0, next.lastIndexOf('/')))
        const isMissing = hasCode(failure, 'ENOENT') && !(await this.#isName(edit, next, call))
        if (!isMissing || before === '') return { first, failure }
        pending.push(next, before)
      }
    }
    return { first, failure: undefined }
  }

  // Whether there is such a name, whatever it leads to.
  async #isName(edit: TreeEdit, path: string, call: Call): Promise<boolean> {
    const found = await walk(edit, path, call, { nameOnly: true }).catch(() => undefined)
    return found?.entry !== undefined
  }

  /** Makes a directory whose name begins with `prefix` and ends in six random characters. */
  async mkdtemp(prefix: string): Promise<string> {
    const call = { syscall: 'mkdtemp', path: `${prefix}XXXXXX` }
    return this.#drive.edit(call, async (edit) => {
      for (let tries = 0; tries < RANDOM_NAMES_MAX; tries++) {
        const path = `${prefix}${randomName()}`
        const found = await walk(edit, path, call, { follow: false })
        if (found.entry !== undefined) continue
        await edit.create(found, { mode: S_IFDIR | 0o700 })
        return path
      }
      throw errnoError('EEXIST', call)
    })
  }

  rmdir(path: string, options?: PreviousOptions): Promise<void> {
    const call = { syscall: 'rmdir', path }
    const remove = async (edit: TreeEdit) => {
      const found = await this.#drive.find(edit, path, call, { nameOnly: true })
      if (found.name === undefined) throw errnoError(lastNameError(path, found), call)
      if (!isDirectory(found.entry)) throw errnoError('ENOTDIR', call)
      if (!(await edit.isEmpty(found.entry.ino))) throw errnoError('ENOTEMPTY', call)
      await edit.unname(directoryOf(found), found.name)
      await edit.dropLink(found.entry)
    }
    return this.#drive.edit(call, remove, options)
  }

  unlink(path: string, options?: PreviousOptions): Promise<void> {
    const call = { syscall: 'unlink', path }
    const remove = async (edit: TreeEdit) => {
      const found = await this.#drive.find(edit, path, call, { nameOnly: true })
      if (found.name === undefined || isDirectory(found.entry)) throw errnoError('EISDIR', call)
      if (found.endsInSlash) throw errnoError('ENOTDIR', call)
      await edit.unname(directoryOf(found), found.name)
      await edit.dropLink(found.entry)
    }
    return this.#drive.edit(call, remove, options)
  }

  symlink(target: string, path: string): Promise<void> {
    const call = { syscall: 'symlink', path: target, dest: path }
    return this.#drive.edit(call, async (edit) => {
      if (target === '') throw errnoError('ENOENT', call)
      if (Buffer.byteLength(target) > TARGET_BYTES_MAX) throw errnoError('ENAMETOOLONG', call)
      const found = await walk(edit, path, call, { nameOnly: true })
      assertFree(found, call)
      await edit.create(found, { mode: S_IFLNK | 0o777, target })
    })
  }

  link(existing: string, path: string): Promise<void> {
    const call = { syscall: 'link', path: existing, dest: path }
    return this.#drive.edit(call, async (edit) => {
      const { entry } = await this.#drive.find(edit, existing, call, { follow: false })
      const found = await walk(edit, path, call, { nameOnly: true })
      assertFree(found, call)
      if (isDirectory(entry)) throw errnoError('EPERM', call)
      await edit.change(entry, ({ links }) => ({ links: links + 1, ctimeMs: edit.now }))
      await edit.name(directoryOf(found), found.name as string, entry)
    })
  }

  rename(from: string, to: string, options?: PreviousOptions): Promise<void> {
    const call = { syscall: 'rename', path: from, dest: to }
    const move = async (edit: TreeEdit) => {
      const source = await walk(edit, from, call, { nameOnly: true })
      const target = await walk(edit, to, call, { nameOnly: true })
      const { name, entry } = source
      if (name === undefined || target.name === undefined) throw errnoError('EBUSY', call)
      if (entry === undefined) throw errnoError('ENOENT', call)
      const endsInSlash = source.endsInSlash || target.endsInSlash
      if (endsInSlash && !isDirectory(entry)) throw errnoError('ENOTDIR', call)
      if (leadsThrough(target, entry)) throw errnoError('EINVAL', call)
      if (leadsThrough(source, target.entry)) throw errnoError('ENOTEMPTY', call)
      if (target.entry?.ino === entry.ino) return
      await this.#replace(edit, target, { call, withDirectory: isDirectory(entry) })
      await edit.unname(directoryOf(source), name)
      await edit.name(directoryOf(target), target.name, entry)
      await edit.change(entry, () => ({ ctimeMs: edit.now }))
    }
    return this.#drive.edit(call, move, options)
  }

  // What was under the new name goes, in the same step as the new one comes.
  async #replace(
    edit: TreeEdit,
    { entry }: Found,
    { call, withDirectory }: { readonly call: Call; readonly withDirectory: boolean },
  ): Promise<void> {
    if (entry === undefined) return
    if (isDirectory(entry)) {
      if (!withDirectory) throw errnoError('EISDIR', call)
      if (!(await edit.isEmpty(entry.ino))) throw errnoError('ENOTEMPTY', call)
    } else if (withDirectory) throw errnoError('ENOTDIR', call)
    await edit.dropLink(entry)
  }
}

// Whether a directory is on the way to what was found.
function leadsThrough({ directories }: Found, directory: Found['entry']): boolean {
  return directories.some(({ ino }) => ino === directory?.ino)
}

// `rmdir('a/.')` is invalid, `rmdir('a/..')` is not empty, and the root is in use.
function lastNameError(path: string, { entry }: Found): string {
  if (entry?.ino === ROOT.ino && !path.replace(/\/+$/, '').endsWith('.')) return 'EBUSY'
  return path.replace(/\/+$/, '').endsWith('..') ? 'ENOTEMPTY' : 'EINVAL'
}

function randomName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const pick = () => letters[Math.floor(Math.random() * letters.length)]
  return Array.from({ length: RANDOM_CHARACTERS }, pick).join('')
}
