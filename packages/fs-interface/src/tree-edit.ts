import type { PreviousOptions, Transaction } from '@datagram/stream'
import b4a from 'b4a'
import { type BodyState, removeBody, truncateBody, writeBody } from './content.ts'
import { forgetBehind } from './forgotten-content.ts'
import { entryBounds, entryKey, type InodeId, inodeKey, orphanKey } from './fs-key.ts'
import {
  emptyRoot,
  encodeEntry,
  encodeInode,
  type Entry,
  type Inode,
  isDirectory,
  isFile,
  newInode,
} from './inode.ts'
import type { InodeNumbers } from './inode-numbers.ts'
import type { OpenFiles } from './open-files.ts'
import { Tree } from './tree.ts'
import { directoryOf, type Found, type Place } from './walk.ts'

/** What an edit needs beside its transaction. */
export interface EditContext {
  readonly numbers: InodeNumbers
  readonly openFiles: OpenFiles
  /** Whether what it removes and replaces is forgotten, here and on every replica. */
  readonly forgets: boolean
}

// What an entry of a file without a name says: forget it with all that it held.
const FORGET_LATER = b4a.from([1])

/** A new file, before it has a name. */
export interface NewFile {
  /** Type and permissions. */
  readonly mode: number
  /** Target of a symbolic link. */
  readonly target?: string
  /** What is in a regular file; default nothing. */
  readonly content?: Uint8Array | undefined
}

/** Changes directories and inodes within a transaction. */
export class TreeEdit extends Tree {
  readonly tx: Transaction
  readonly now = Date.now()
  readonly #context: EditContext

  constructor(tx: Transaction, context: EditContext) {
    super(tx)
    this.tx = tx
    this.#context = context
  }

  putInode(id: InodeId, inode: Inode): void {
    this.tx.put(inodeKey(id), encodeInode(inode))
  }

  /** Changes an inode that is there. */
  async change(id: InodeId, changed: (inode: Inode) => Partial<Inode>): Promise<void> {
    const inode = await this.inode(id)
    if (inode === undefined) return
    const before = inode === emptyRoot ? newInode(inode.mode, this.now) : inode
    this.putInode(id, { ...before, ...changed(before) })
  }

  /** Creates a file under the name that a walk led to. */
  async create(found: Found, { mode, target = '', content }: NewFile): Promise<Entry> {
    const directory = directoryOf(found)
    const entry = { home: directory.ino, ino: this.#context.numbers.take(this.tx), mode }
    const inode = { ...newInode(mode, this.now), target, size: b4a.byteLength(target) }
    const state =
      content && (await writeBody(this.tx, { ...entry, size: 0, patches: 0 }, content, 0))
    this.putInode(entry, { ...inode, ...state })
    await this.name(directory, found.name as string, entry)
    return entry
  }

  /** Gives a file a name in a directory. */
  async name(directory: Place, name: string, entry: Entry): Promise<void> {
    this.tx.put(entryKey(directory.ino, b4a.from(name)), encodeEntry(entry))
    await this.touch(directory)
  }

  /** Takes a name out of a directory; what it stood for stays. */
  async unname(directory: Place, name: string): Promise<void> {
    this.delEntry(directory.ino, name)
    await this.touch(directory)
  }

  /** As {@link unname}; the directory's times are another matter. */
  delEntry(directory: number, name: string): void {
    this.tx.del(entryKey(directory, b4a.from(name)), this.#previous)
  }

  /** Makes a file longer or shorter; what its inode says then. */
  truncate(id: InodeId, inode: Inode, size: number): Promise<BodyState> {
    const body = { ...id, ...inode }
    const forgets = this.#context.forgets && size <= inode.size
    return forgets ? forgetBehind(this.tx, body, size) : truncateBody(this.tx, body, size)
  }

  /** A file has lost a name. With its last one it goes, unless it is open. */
  async dropLink(id: InodeId): Promise<void> {
    const inode = await this.inode(id)
    if (inode === undefined) return
    const links = inode.links - 1
    if (links > 0) this.putInode(id, { ...inode, links, ctimeMs: this.now })
    else if (this.#context.openFiles.has(id.ino)) {
      this.putInode(id, { ...inode, links, ctimeMs: this.now })
      this.tx.put(orphanKey(id), this.#context.forgets ? FORGET_LATER : new Uint8Array(0))
    } else await this.#remove(id, inode, this.#context.forgets)
  }

  /** Removes a file that has no name and is no longer open. */
  async dropOrphan(id: InodeId): Promise<void> {
    const [inode, said] = await Promise.all([this.inode(id), this.tx.get(orphanKey(id))])
    this.tx.del(orphanKey(id))
    if (inode !== undefined) await this.#remove(id, inode, said?.[0] === FORGET_LATER[0])
  }

  /** The entries of a directory have changed. */
  touch(directory: InodeId): Promise<void> {
    return this.change(directory, () => ({ mtimeMs: this.now, ctimeMs: this.now }))
  }

  get #previous(): PreviousOptions {
    return { previous: this.#context.forgets ? 'forget' : 'keep' }
  }

  async #remove(id: InodeId, inode: Inode, forgets: boolean): Promise<void> {
    const body = { ...id, ...inode }
    if (isFile(inode)) await (forgets ? forgetBehind(this.tx, body, 0) : removeBody(this.tx, body))
    // The names that it has had.
    if (isDirectory(inode) && forgets) await this.tx.forgetRange(entryBounds(id.ino))
    this.tx.del(inodeKey(id), { previous: forgets ? 'forget' : 'keep' })
  }
}

let umask: number | undefined

// Asking is a call of the system each time; it is asked once a turn of the event loop.
function currentUmask(): number {
  if (umask === undefined) {
    umask = process.umask()
    setImmediate(() => {
      umask = undefined
    })
  }
  return umask
}

/** The mode of a new file: its type, and the permissions that the umask leaves. */
export function modeOf(type: number, permissions: number): number {
  return type | (permissions & 0o7777 & ~currentUmask())
}
