import { constants } from 'node:fs'
import b4a from 'b4a'
import { type Call, errnoError } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import { type Entry, isDirectory, isLink } from './inode.ts'
import { ROOT, type Tree } from './tree.ts'

/** Bytes of a name, of a path, and symbolic links on one way: as Linux has them. */
const NAME_BYTES_MAX = 255
const PATH_BYTES_MAX = 4096
const LINKS_MAX = 40

const rootEntry: Entry = { ...ROOT, mode: constants.S_IFDIR }

/** Where a path leads. */
export interface Found {
  /** The directories on the way, the root first; the last one is that of {@link name}. */
  readonly directories: readonly Place[]
  /** The last name; undefined where the path ends in the root, `.` or `..`. */
  readonly name: string | undefined
  /** What the name stands for, or undefined when there is none. */
  readonly entry: Entry | undefined
  /** Whether the path ended in a slash, so that it can only be a directory. */
  readonly endsInSlash: boolean
}

/** A directory on the way, and its name there. */
export interface Place extends InodeId {
  /** Name in the directory before it; of the root empty. */
  readonly name: string
}

const rootPlace: Place = { ...ROOT, name: '' }

/** How a path is walked. */
export interface WalkOptions {
  /** Whether a symbolic link at the end is followed; default true. */
  readonly follow?: boolean
  /** Whether the name itself is meant, whatever it stands for: a slash behind it changes nothing. Default false. */
  readonly nameOnly?: boolean
  /** Whether a file is to be made there: a slash behind its name is `EISDIR`. Default false. */
  readonly create?: boolean
}

/**
 * Walks a path as POSIX does: `..` is the directory before, behind a symbolic link that of its target.
 * Relative paths begin at the root. Only the last name may be missing.
 *
 * Throws `ENOENT`, `ENOTDIR`, `ELOOP` and `ENAMETOOLONG`.
 */
export async function walk(
  tree: Tree,
  path: string,
  call: Call,
  { follow = true, nameOnly = false, create = false }: WalkOptions = {},
): Promise<Found> {
  if (path === '') throw errnoError('ENOENT', call)
  if (path.length * 3 >= PATH_BYTES_MAX && b4a.byteLength(path) >= PATH_BYTES_MAX) {
    throw errnoError('ENAMETOOLONG', call)
  }
  const walker = new Walker(tree, call, { follow, nameOnly, create })
  return walker.walk(path)
}

class Walker {
  readonly #tree: Tree
  readonly #call: Call
  readonly #options: Required<WalkOptions>
  #directories: Place[] = [rootPlace]
  #names: string[] = []
  #endsInSlash = false
  #links = 0

  constructor(tree: Tree, call: Call, options: Required<WalkOptions>) {
    this.#tree = tree
    this.#call = call
    this.#options = options
  }

  async walk(path: string): Promise<Found> {
    this.#names = namesOf(path).reverse()
    this.#endsInSlash = endsInSlash(path)
    for (;;) {
      const name = this.#names.pop()
      if (name === undefined) return this.#here()
      if (name === '.') continue
      if (name === '..') {
        if (this.#directories.length > 1) this.#directories.pop()
        continue
      }
      const found = await this.#step(name)
      if (found !== undefined) return found
    }
  }

  async #step(name: string): Promise<Found | undefined> {
    const bytes = b4a.from(name)
    if (bytes.byteLength > NAME_BYTES_MAX) throw this.#error('ENAMETOOLONG')
    const isLast = this.#names.length === 0
    const { create, nameOnly } = this.#options
    if (isLast && create && this.#endsInSlash) throw this.#error('EISDIR')
    const directory = this.#directories.at(-1) as Place
    const entry = await this.#tree.entry(directory.ino, bytes)
    if (entry === undefined) {
      if (!isLast) throw this.#error('ENOENT')
      return this.#found(name, undefined)
    }
    if (isLast && nameOnly) return this.#found(name, entry)
    if (isLink(entry) && (!isLast || this.#options.follow || this.#endsInSlash)) {
      await this.#enterLink(entry)
      return undefined
    }
    if (isLast) {
      if (this.#endsInSlash && !isDirectory(entry)) throw this.#error('ENOTDIR')
      return this.#found(name, entry)
    }
    if (!isDirectory(entry)) throw this.#error('ENOTDIR')
    this.#directories.push({ home: entry.home, ino: entry.ino, name })
    return undefined
  }

  async #enterLink(entry: Entry): Promise<void> {
    if (++this.#links > LINKS_MAX) throw this.#error('ELOOP')
    const inode = await this.#tree.inode(entry)
    if (inode === undefined) throw this.#error('ENOENT')
    const { target } = inode
    if (target.startsWith('/')) this.#directories = [rootPlace]
    if (this.#names.length === 0 && endsInSlash(target)) this.#endsInSlash = true
    this.#names.push(...namesOf(target).reverse())
  }

  #here(): Found {
    const directory = this.#directories.at(-1) as Place
    const entry = directory.ino === ROOT.ino ? rootEntry : { ...directory, mode: constants.S_IFDIR }
    return this.#found(undefined, entry)
  }

  #found(name: string | undefined, entry: Entry | undefined): Found {
    return { directories: this.#directories, name, entry, endsInSlash: this.#endsInSlash }
  }

  #error(code: string): Error {
    return errnoError(code, this.#call)
  }
}

/** The directory of the name that a walk led to. */
export function directoryOf({ directories }: Found): Place {
  return directories.at(-1) as Place
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function endsInSlash(path: string): boolean {
  return path.endsWith('/')
}

/** The path of where a walk led, without links: `/a/b`. */
export function pathOf({ directories, name }: Found): string {
  const names = directories.slice(1).map((directory) => directory.name)
  if (name !== undefined) names.push(name)
  return `/${names.join('/')}`
}
