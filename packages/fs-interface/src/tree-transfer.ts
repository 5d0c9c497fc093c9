import type { BigIntStats } from 'node:fs'
import { concurrently } from '@datagram/stream'
import {
  EntryTransfer,
  type Outcome,
  PARTIAL_NAME,
  type TransferredEntry,
} from './entry-transfer.ts'
import { errnoError } from './errno-error.ts'
import { type HeldDirectory, shownError, type TreeSide } from './held-directory.ts'
import {
  assertFileName,
  carriedOf,
  directoryTwice,
  hasSameMode,
  hasSameTime,
  inodeOf,
  lookAt,
} from './tree-entry.ts'
import { removeTree } from './tree-removal.ts'

// Files of one directory that are under way at a time.
const FILES_AT_ONCE = 16
const OWNER_MAY_ALL = 0o700n

/** How far a tree has come. */
export interface FolderProgress {
  /** Files that were written. */
  readonly files: number
  /** Directories that were made. */
  readonly directories: number
  /** Links that were made, symbolic and hard. */
  readonly links: number
  /** Files and links that were there already. */
  readonly unchanged: number
  /** Names that were removed, by `mirror` alone. */
  readonly removed: number
  /** Bytes of files that were written. */
  readonly bytes: number
  /** Paths of pipes, sockets and devices: they are left out. */
  readonly skipped: readonly string[]
}

/** Options of everything that carries a tree over. */
export interface TreeOptions {
  /** Which paths, from the root of the tree: one that it refuses is neither copied nor removed, nor is what is below. */
  readonly filter?: ((path: string) => boolean | Promise<boolean>) | undefined
  /** Ends it; what was copied stays, and the next call goes on from there. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: FolderProgress) => void) | undefined
}

/** From where to where a tree is carried. */
export interface TreeWay {
  readonly from: TreeSide
  readonly to: TreeSide
}

type Directories = Pick<TransferredEntry, 'source' | 'target' | 'at'>

/** Makes the target as the source is; with `prune`, what the source does not have is removed. */
export async function transferTree(
  { from, to }: TreeWay,
  options: TreeOptions & { readonly prune: boolean },
): Promise<FolderProgress> {
  options.signal?.throwIfAborted()
  const source = await from.hold(from.shown, true)
  try {
    const target = await to.hold(to.shown, true)
    try {
      const transfer = new TreeTransfer({ from, to }, target, options)
      return await transfer.run({ source, target, at: '' })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

class TreeTransfer {
  readonly #from: TreeSide
  readonly #to: TreeSide
  readonly #options: TreeOptions & { readonly prune: boolean }
  readonly #entries: EntryTransfer
  readonly #seen = new Set<string>()
  readonly #skipped: string[] = []
  readonly #counts = { files: 0, directories: 0, links: 0, unchanged: 0, removed: 0, bytes: 0 }

  constructor(
    { from, to }: TreeWay,
    root: HeldDirectory,
    options: TreeOptions & { readonly prune: boolean },
  ) {
    this.#from = from
    this.#to = to
    this.#options = options
    const { signal, prune } = options
    const onBytes = (bytes: number) => {
      this.#counts.bytes += bytes
      this.#report()
    }
    this.#entries = new EntryTransfer({ from, to, signal, prune, root, onBytes })
  }

  async run(directories: Directories): Promise<FolderProgress> {
    await this.#directory(directories, await directories.source.handle.stat({ bigint: true }))
    return this.#progress()
  }

  async #directory(directories: Directories, stats: BigIntStats): Promise<void> {
    const { source, target, at } = directories
    const inode = inodeOf(stats)
    if (this.#seen.has(inode)) throw directoryTwice(at)
    this.#seen.add(inode)
    const names = await this.#from.calls.readdir(source.at())
    const kept = new Set<string>()
    const below: TransferredEntry[] = []
    await concurrently(names.sort(), FILES_AT_ONCE, async (name) => {
      this.#options.signal?.throwIfAborted()
      if (PARTIAL_NAME.test(name)) return
      assertFileName(name)
      const path = at === '' ? name : `${at}/${name}`
      kept.add(name)
      if (!(await this.#isWanted(path))) return
      const found = await lookAt(this.#from, source, name)
      // It has gone since it was listed.
      if (found === undefined) return
      const entry = { source, target, name, at: path, stats: found }
      if (found.isDirectory()) below.push(entry)
      else await this.#entry(entry)
    })
    // One after another, so that the files under way are bounded, however deep the tree is.
    for (const entry of below) await this.#enter(entry)
    await this.#removeOthers(directories, kept)
  }

  async #entry(entry: TransferredEntry): Promise<void> {
    const outcome = await this.#told(entry.at, () => this.#entries.transfer(entry))
    const counts: Record<Exclude<Outcome, 'skipped'>, 'files' | 'links' | 'unchanged'> = {
      file: 'files',
      link: 'links',
      unchanged: 'unchanged',
    }
    if (outcome === 'skipped') this.#skipped.push(entry.at)
    else this.#counts[counts[outcome]]++
    this.#report()
  }

  async #enter(entry: TransferredEntry): Promise<void> {
    const { name, at, stats } = entry
    const source = await this.#told(at, () => this.#from.hold(entry.source.at(name)))
    try {
      const target = await this.#told(at, () => this.#enterTarget(entry))
      try {
        await this.#directory({ source, target, at }, stats)
        await seal(target, stats)
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  }

  async #enterTarget({ target, name, at }: TransferredEntry): Promise<HeldDirectory> {
    const { prune, signal } = this.#options
    let there = await lookAt(this.#to, target, name)
    if (there !== undefined && !there.isDirectory()) {
      if (!prune) throw errnoError('ENOTDIR', { syscall: 'mkdir', path: at })
      await removeTree(this.#to, target, name, signal)
      there = undefined
    }
    if (there === undefined) {
      await this.#to.calls.mkdir(target.at(name), { mode: Number(OWNER_MAY_ALL) })
      this.#counts.directories++
      this.#report()
    }
    const held = await this.#to.hold(target.at(name))
    if (there !== undefined && (there.mode & OWNER_MAY_ALL) !== OWNER_MAY_ALL) {
      await held.handle.chmod(Number((there.mode & 0o777n) | OWNER_MAY_ALL))
    }
    return held
  }

  async #removeOthers({ target, at }: Directories, kept: ReadonlySet<string>): Promise<void> {
    const { prune, signal } = this.#options
    for (const name of await this.#to.calls.readdir(target.at())) {
      if (kept.has(name)) continue
      const path = at === '' ? name : `${at}/${name}`
      const isLeft = PARTIAL_NAME.test(name)
      if (!isLeft && !(prune && (await this.#isWanted(path)))) continue
      await this.#told(path, () => removeTree(this.#to, target, name, signal))
      if (!isLeft) this.#counts.removed++
      this.#report()
    }
  }

  async #isWanted(path: string): Promise<boolean> {
    const { filter } = this.#options
    return filter === undefined || (await filter(path))
  }

  // An error names the path that it is about, not where it was held.
  async #told<T>(at: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw shownError(error, `${this.#to.isOutside ? this.#to.shown : this.#from.shown}/${at}`)
    }
  }

  #progress(): FolderProgress {
    return { ...this.#counts, skipped: [...this.#skipped] }
  }

  #report(): void {
    this.#options.onProgress?.(this.#progress())
  }
}

/** Gives a directory its permissions and times, once nothing is written in it any more. */
async function seal(directory: HeldDirectory, stats: BigIntStats): Promise<void> {
  const there = await directory.handle.stat({ bigint: true })
  const { mode, atime, mtime } = carriedOf(stats)
  if (!hasSameMode(stats, there)) await directory.handle.chmod(mode)
  if (!hasSameTime(stats, there)) await directory.handle.utimes(atime, mtime)
}
