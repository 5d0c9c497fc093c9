import type { Transaction } from '@datagram/stream'
import b4a from 'b4a'
import { removeBody, writeBody } from './content.ts'
import { entryKey, type InodeId, inodeKey, orphanKey } from './fs-key.ts'
import {
  emptyRoot,
  encodeEntry,
  encodeInode,
  type Entry,
  type Inode,
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
}

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
    this.tx.del(entryKey(directory.ino, b4a.from(name)))
    await this.touch(directory)
  }

  /** A file has lost a name. With its last one it goes, unless it is open. */
  async dropLink(id: InodeId): Promise<void> {
    const inode = await this.inode(id)
    if (inode === undefined) return
    const links = inode.links - 1
    if (links > 0) this.putInode(id, { ...inode, links, ctimeMs: this.now })
    else if (this.#context.openFiles.has(id.ino)) {
      this.putInode(id, { ...inode, links, ctimeMs: this.now })
      this.tx.put(orphanKey(id), new Uint8Array(0))
    } else await this.#remove(id, inode)
  }

  /** Removes a file that has no name and is no longer open. */
  async dropOrphan(id: InodeId): Promise<void> {
    const inode = await this.inode(id)
    this.tx.del(orphanKey(id))
    if (inode !== undefined) await this.#remove(id, inode)
  }

  /** The entries of a directory have changed. */
  touch(directory: InodeId): Promise<void> {
    return this.change(directory, () => ({ mtimeMs: this.now, ctimeMs: this.now }))
  }

  async #remove(id: InodeId, inode: Inode): Promise<void> {
    if (isFile(inode)) await removeBody(this.tx, { ...id, ...inode })
    this.tx.del(inodeKey(id))
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
