import { isDatagramError } from '@datagram/errors'
import {
  type EntryReader,
  type InterfaceStream,
  type PreviousOptions,
  readOneMoment,
} from '@datagram/stream'
import { type Call, errnoError } from './errno-error.ts'
import { orphanBounds, parseKey } from './fs-key.ts'
import { type Entry, isLink } from './inode.ts'
import { InodeNumbers } from './inode-numbers.ts'
import { OpenFiles } from './open-files.ts'
import { Tree } from './tree.ts'
import { TreeEdit } from './tree-edit.ts'
import { type Found, walk, type WalkOptions } from './walk.ts'

/** What there is at a path. */
export interface FoundEntry extends Found {
  readonly entry: Entry
}

/** The files of one stream: every read and every change goes through here. */
export class Drive {
  readonly stream: InterfaceStream
  readonly openFiles = new OpenFiles()
  readonly #numbers: InodeNumbers
  readonly #live: Tree

  private constructor(stream: InterfaceStream, numbers: InodeNumbers) {
    this.stream = stream
    this.#numbers = numbers
    this.#live = new Tree(stream.index)
  }

  static async open(stream: InterfaceStream): Promise<Drive> {
    const drive = new Drive(stream, await InodeNumbers.load(stream.index))
    if (stream.writable) await drive.#sweepOrphans()
    return drive
  }

  get writable(): boolean {
    return this.stream.writable
  }

  /**
   * A read of several steps that all see one moment. Most find everything in memory and nothing written
   * meanwhile; otherwise it runs again on a snapshot. `read` must be repeatable.
   */
  async read<T>(read: (tree: Tree) => Promise<T>): Promise<T> {
    const before = this.#moment()
    try {
      const result = await read(this.#live)
      if (this.#moment() === before) return result
    } catch (error) {
      if (this.#moment() === before) throw error
    }
    return this.readSnapshot(read)
  }

  /** A long read: it sees one moment, the present; it may be made again, as `readOneMoment` of `@datagram/stream` says. */
  readSnapshot<T>(read: (tree: Tree) => Promise<T>): Promise<T> {
    return readOneMoment(this.stream, (snapshot) => read(new Tree(snapshot)))
  }

  /** The entries as they are now. */
  get reader(): EntryReader {
    return this.stream.index
  }

  /** What there is at a path. Throws `ENOENT`, and what {@link walk} throws. */
  async find(tree: Tree, path: string, call: Call, options?: WalkOptions): Promise<FoundEntry> {
    const found = await walk(tree, path, call, options)
    if (found.entry === undefined) throw errnoError('ENOENT', call)
    return found as FoundEntry
  }

  /** Changes files: all that `change` does, or nothing. Throws `EROFS` on a replica. */
  async edit<T>(
    call: Call,
    change: (edit: TreeEdit) => Promise<T>,
    options?: PreviousOptions,
  ): Promise<T> {
    if (!this.writable) throw errnoError('EROFS', call)
    return this.inOrder(call, change, options)
  }

  /** Resolves when what calls with these options were to forget is gone from here. */
  async settle({ previous }: PreviousOptions): Promise<void> {
    if (previous === 'forget') await this.stream.forget()
  }

  /** As {@link edit}, for what may have nothing to write: it sees every change that was begun before. */
  async inOrder<T>(
    call: Call,
    change: (edit: TreeEdit) => Promise<T>,
    { previous }: PreviousOptions = {},
  ): Promise<T> {
    const forgets = previous === 'forget'
    const context = { numbers: this.#numbers, openFiles: this.openFiles, forgets }
    try {
      return await this.stream.write((tx) => change(new TreeEdit(tx, context)))
    } catch (error) {
      this.#numbers.reserveAgain()
      throw isDatagramError(error, 'DISK_FULL') ? errnoError('ENOSPC', call, error) : error
    }
  }

  #moment(): number {
    return this.stream.moment().position
  }

  // A process that ended with files open that had no name left them behind.
  async #sweepOrphans(): Promise<void> {
    const orphans: Uint8Array[] = []
    for await (const key of this.stream.index.keys(orphanBounds)) orphans.push(key)
    if (orphans.length === 0) return
    await this.edit({ syscall: 'unlink' }, async (edit) => {
      for (const key of orphans) {
        const parsed = parseKey(key)
        if (parsed?.type === 'orphan') await edit.dropOrphan(parsed)
      }
    })
  }
}

/** Throws unless a name can be given where a walk led: `EEXIST`, and `ENOENT` for a path that ends in a slash. */
export function assertFree({ entry, endsInSlash }: Found, call: Call): void {
  if (entry !== undefined) throw errnoError('EEXIST', call)
  if (endsInSlash) throw errnoError('ENOENT', call)
}

/** Whether a found entry is a symbolic link. */
export function leadsToLink({ entry }: Found): boolean {
  return entry !== undefined && isLink(entry)
}
