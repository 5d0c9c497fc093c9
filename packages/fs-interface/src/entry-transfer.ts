import { randomUUID } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { errnoError } from './errno-error.ts'
import type { HeldDirectory, TreeSide } from './held-directory.ts'
import { carriedOf, hasSameMode, inodeOf, isSameFile, lookAt } from './tree-entry.ts'
import { removeTree } from './tree-removal.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants
// What is a plain file now, whatever it was a moment ago: no link is followed, no pipe waited for.
const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
const WRITE_NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
const PIECE_BYTES = 1024 * 1024

/** Names of what is being written; what a process that died has left is removed by the next one. */
export const PARTIAL_NAME: RegExp = /^\.datagram-[0-9a-f-]{36}\.partial$/

/** One name in two directories. */
export interface TransferredEntry {
  readonly source: HeldDirectory
  readonly target: HeldDirectory
  readonly name: string
  /** Its path from the root of the transfer. */
  readonly at: string
  /** What it is in the source. */
  readonly stats: BigIntStats
}

/** What became of an entry. */
export type Outcome = 'file' | 'link' | 'unchanged' | 'skipped'

/** What {@link EntryTransfer} needs. */
export interface EntryTransferContext {
  readonly from: TreeSide
  readonly to: TreeSide
  readonly signal: AbortSignal | undefined
  /** Whether directories go that are in the way. */
  readonly prune: boolean
  /** The target's root. */
  readonly root: HeldDirectory
  readonly onBytes: (bytes: number) => void
}

interface FirstName {
  readonly at: string
  readonly inode: string
}

/** Carries over files and links: each grows under a name of its own, and takes its place when it is whole. */
export class EntryTransfer {
  readonly #context: EntryTransferContext
  // Inodes with several names, by inode of the source.
  readonly #firstNames = new Map<string, Promise<FirstName | undefined>>()

  constructor(context: EntryTransferContext) {
    this.#context = context
  }

  async transfer(entry: TransferredEntry): Promise<Outcome> {
    const { stats } = entry
    if (stats.isSymbolicLink()) return this.#symbolicLink(entry)
    if (!stats.isFile()) return 'skipped'
    return stats.nlink > 1n ? this.#oneOfSeveral(entry) : this.#file(entry)
  }

  async #oneOfSeveral(entry: TransferredEntry): Promise<Outcome> {
    const inode = inodeOf(entry.stats)
    const first = this.#firstNames.get(inode)
    if (first !== undefined) return this.#hardLink(entry, await first)
    const written = this.#file(entry)
    const named = written.then(async (outcome) => {
      const there = await lookAt(this.#context.to, entry.target, entry.name)
      if (outcome === 'skipped' || there === undefined) return undefined
      return { at: entry.at, inode: inodeOf(there) }
    })
    // Told to whoever transfers this name; the other names hear of it when they await it.
    named.catch(() => undefined)
    this.#firstNames.set(inode, named)
    return written
  }

  async #hardLink(entry: TransferredEntry, first: FirstName | undefined): Promise<Outcome> {
    if (first === undefined) return this.#file(entry)
    const { root, to } = this.#context
    const there = await lookAt(to, entry.target, entry.name)
    if (there !== undefined && inodeOf(there) === first.inode) return 'unchanged'
    await this.#replace(entry, there, async (partial) => {
      await to.calls.link(root.at(first.at), entry.target.at(partial))
      const made = await lookAt(to, entry.target, partial)
      // Somebody has put another file in the place of the first one.
      if (made === undefined || inodeOf(made) !== first.inode) {
        throw errnoError('ESTALE', { syscall: 'link', path: first.at, dest: entry.at })
      }
    })
    return 'link'
  }

  async #symbolicLink(entry: TransferredEntry): Promise<Outcome> {
    const { from, to } = this.#context
    const text = await from.calls.readlink(entry.source.at(entry.name))
    const there = await lookAt(to, entry.target, entry.name)
    const at = entry.target.at(entry.name)
    if (there?.isSymbolicLink() === true && (await to.calls.readlink(at)) === text) {
      return 'unchanged'
    }
    await this.#replace(entry, there, async (partial) => {
      const { atime, mtime } = carriedOf(entry.stats)
      await to.calls.symlink(text, entry.target.at(partial))
      await to.calls.lutimes(entry.target.at(partial), atime, mtime)
    })
    return 'link'
  }

  async #file(entry: TransferredEntry): Promise<Outcome> {
    const { from, to } = this.#context
    const there = await lookAt(to, entry.target, entry.name)
    if (there !== undefined && isSameFile(entry.stats, there)) {
      if (!hasSameMode(entry.stats, there)) await this.#chmod(entry)
      return 'unchanged'
    }
    await using input = await from.calls.open(entry.source.at(entry.name), READ)
    const stats = await input.stat({ bigint: true })
    if (!stats.isFile()) return 'skipped'
    await this.#replace(entry, there, (partial) => this.#write(entry, partial, input, stats))
    return 'file'
  }

  async #write(
    { target }: TransferredEntry,
    partial: string,
    input: FileHandle,
    stats: BigIntStats,
  ): Promise<void> {
    const { signal, to, onBytes } = this.#context
    await using output = await to.calls.open(target.at(partial), WRITE_NEW, 0o600)
    for await (const piece of piecesOf(input, Number(stats.size))) {
      signal?.throwIfAborted()
      await output.writeFile(piece)
      onBytes(piece.byteLength)
    }
    const { mode, atime, mtime } = carriedOf(stats)
    await output.chmod(mode)
    await output.utimes(atime, mtime)
  }

  async #chmod({ target, name, stats }: TransferredEntry): Promise<void> {
    await using file = await this.#context.to.calls.open(target.at(name), READ)
    await file.chmod(carriedOf(stats).mode)
  }

  async #replace(
    { target, name, at }: TransferredEntry,
    there: BigIntStats | undefined,
    make: (partial: string) => Promise<void>,
  ): Promise<void> {
    const { prune, signal, to } = this.#context
    if (there?.isDirectory() === true) {
      if (!prune) throw errnoError('EISDIR', { syscall: 'rename', path: at })
      await removeTree(to, target, name, signal)
    }
    const partial = `.datagram-${randomUUID()}.partial`
    try {
      await make(partial)
      await to.calls.rename(target.at(partial), target.at(name))
    } catch (error) {
      await to.calls.unlink(target.at(partial)).catch(() => undefined)
      throw error
    }
  }
}

// As much as there is now: a file that grows all the while would have no end.
async function* piecesOf(input: FileHandle, bytes: number): AsyncGenerator<Uint8Array, void> {
  const piece = new Uint8Array(Math.min(bytes, PIECE_BYTES))
  for (let at = 0; at < bytes; ) {
    const length = Math.min(piece.byteLength, bytes - at)
    const { bytesRead } = await input.read(piece, 0, length, at)
    if (bytesRead === 0) return
    yield piece.subarray(0, bytesRead)
    at += bytesRead
  }
}
