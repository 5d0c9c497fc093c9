import type { PreviousOptions, StreamSnapshot, WaitOptions } from '@datagram/stream'
import { type BodyState, readInto, readPieces, writeBody } from './content.ts'
import type { Drive } from './drive.ts'
import { type Call, errnoError } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import { type Inode, isDirectory } from './inode.ts'
import { writeForgetting } from './forgotten-content.ts'
import type { OpenFlags } from './open-flags.ts'
import { ReadAhead } from './read-ahead.ts'
import { Tree } from './tree.ts'
import type { TreeEdit } from './tree-edit.ts'

const SIZE_MAX = Number.MAX_SAFE_INTEGER

/** Where the next read or write begins that does not say so. */
export type Position = number | undefined

/**
 * An open file, whatever becomes of its names. On a replica it shows the file as the author has it, and once
 * the author has removed it, as it was when it was opened.
 */
export class OpenFile {
  readonly id: InodeId
  readonly #drive: Drive
  readonly #flags: OpenFlags
  readonly #atOpen: StreamSnapshot | undefined
  readonly #ahead: ReadAhead
  #position = 0
  #turn: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** The file counts as open already. */
  constructor(drive: Drive, id: InodeId, flags: OpenFlags) {
    this.id = id
    this.#drive = drive
    this.#flags = flags
    this.#atOpen = drive.writable ? undefined : drive.stream.snapshot()
    this.#ahead = new ReadAhead({
      moment: () => drive.stream.moment().position,
      read: (position, length) => this.#pieces(position, length),
    })
  }

  get isOpen(): boolean {
    return this.#closing === undefined
  }

  /** Reads into `target`; how many bytes there were. */
  async read(target: Uint8Array, position: Position, wait?: WaitOptions): Promise<number> {
    const bytes = await this.#reading(position, async (at, call) =>
      target.subarray(0, await this.#readAt(target, at, call, wait)),
    )
    return bytes.byteLength
  }

  /** The next bytes, at most `length`; what was read ahead is passed on uncopied, and is the receiver's then. */
  readNext(length: number, position: Position): Promise<Uint8Array> {
    return this.#reading(position, async (at, call) => {
      const window = await this.#ahead.takeWindow(at, length)
      if (window === undefined) {
        const target = Buffer.allocUnsafeSlow(length)
        return target.subarray(0, await this.#readAt(target, at, call))
      }
      this.#ahead.ended(at, at + window.byteLength, true)
      return window
    })
  }

  async #reading(
    position: Position,
    read: (at: number, call: Call) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const call = { syscall: 'read' }
    this.#assertOpen(call)
    if (!this.#flags.readable) throw errnoError('EBADF', call)
    if (position !== undefined) return read(position, call)
    // The position is one thing that reads share: one after another.
    return this.#inTurn(async () => {
      const bytes = await read(this.#position, call)
      this.#position += bytes.byteLength
      return bytes
    })
  }

  /** Writes all of `bytes` in one step. What it is to forget is gone from here once that has {@link settle}d. */
  async write(bytes: Uint8Array, position: Position, options?: PreviousOptions): Promise<number> {
    const call = { syscall: 'write' }
    this.#assertOpen(call)
    if (!this.#flags.writable) throw errnoError('EBADF', call)
    if (bytes.byteLength === 0) return 0
    await this.#change(call, async (edit, inode) => {
      const start = this.#flags.append ? inode.size : (position ?? this.#position)
      if (start + bytes.byteLength > SIZE_MAX) throw errnoError('EFBIG', call)
      const write = options?.previous === 'forget' ? writeForgetting : writeBody
      const state = await write(edit.tx, { ...this.id, ...inode }, bytes, start)
      if (position === undefined) this.#position = start + bytes.byteLength
      return state
    })
    return bytes.byteLength
  }

  /** Resolves when what calls with these options were to forget is gone from here. */
  settle(options: PreviousOptions): Promise<void> {
    return this.#drive.settle(options)
  }

  async truncate(size: number, options?: PreviousOptions): Promise<void> {
    const call = { syscall: 'ftruncate' }
    this.#assertOpen(call)
    if (!this.#flags.writable) throw errnoError('EINVAL', call)
    const cut = (edit: TreeEdit, inode: Inode) => edit.truncate(this.id, inode, Math.max(0, size))
    await this.#change(call, cut, options)
  }

  async inode(syscall = 'fstat'): Promise<Inode> {
    this.#assertOpen({ syscall })
    return this.#seen((tree) => this.#inodeIn(tree, { syscall }))
  }

  /** Changes what its inode says. */
  async setInode(syscall: string, changed: (inode: Inode) => Partial<Inode>): Promise<void> {
    this.#assertOpen({ syscall })
    await this.#drive.edit({ syscall }, (edit) =>
      edit.change(this.id, (inode) => ({ ctimeMs: edit.now, ...changed(inode) })),
    )
  }

  /** Resolves when what was written is in the log: it is, once a write has resolved. */
  async sync(syscall: string): Promise<void> {
    this.#assertOpen({ syscall })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#turn
    this.#ahead.stop()
    this.#atOpen?.close()
    if (!this.#drive.openFiles.close(this.id.ino) || !this.#drive.writable) return
    // Asked in turn, so that it knows of a removal that is under way.
    const inode = await this.#drive.inOrder({ syscall: 'close' }, (edit) => edit.inode(this.id))
    if (inode?.links !== 0) return
    await this.#drive.edit({ syscall: 'close' }, async (edit) => {
      if (!this.#drive.openFiles.has(this.id.ino)) await edit.dropOrphan(this.id)
    })
  }

  async #readAt(
    target: Uint8Array,
    position: number,
    call: Call,
    wait?: WaitOptions,
  ): Promise<number> {
    const filled = await this.#ahead.take(target, position)
    const rest = target.subarray(filled)
    const read =
      rest.byteLength === 0 ? 0 : await this.#readNow(rest, position + filled, call, wait)
    const end = position + filled + read
    this.#ahead.ended(position, end, end - position === target.byteLength)
    return end - position
  }

  #readNow(target: Uint8Array, position: number, call: Call, wait?: WaitOptions): Promise<number> {
    return this.#seen(async (tree) => {
      const inode = await this.#inodeIn(tree, call)
      if (isDirectory(inode)) throw errnoError('EISDIR', call)
      return readInto(tree.reader, { ...this.id, ...inode }, target, position, wait)
    })
  }

  #pieces(position: number, length: number): Promise<readonly Uint8Array[]> {
    return this.#seen(async (tree) => {
      const inode = await this.#inodeIn(tree, { syscall: 'read' })
      return readPieces(tree.reader, { ...this.id, ...inode }, position, length)
    })
  }

  async #seen<T>(read: (tree: Tree) => Promise<T>): Promise<T> {
    const atOpen = this.#atOpen
    if (atOpen === undefined) return this.#drive.read(read)
    return this.#drive.read(async (tree) => {
      const isThere = (await tree.inode(this.id)) !== undefined
      return read(isThere ? tree : new Tree(atOpen))
    })
  }

  async #inodeIn(tree: Tree, call: Call): Promise<Inode> {
    const inode = await tree.inode(this.id)
    if (inode === undefined) throw errnoError('EBADF', call)
    return inode
  }

  #change(
    call: Call,
    change: (edit: TreeEdit, inode: Inode) => Promise<BodyState>,
    options?: PreviousOptions,
  ): Promise<void> {
    const changeInode = async (edit: TreeEdit) => {
      const inode = await this.#inodeIn(edit, call)
      const state = await change(edit, inode)
      const times = { mtimeMs: edit.now, ctimeMs: edit.now }
      edit.putInode(this.id, { ...inode, ...state, ...times })
    }
    return this.#drive.edit(call, changeInode, options)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  #assertOpen(call: Call): void {
    if (this.#closing !== undefined) throw errnoError('EBADF', call)
  }
}
