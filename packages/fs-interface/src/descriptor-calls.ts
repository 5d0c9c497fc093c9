import { integerArgument, modeArgument, pathArgument } from './argument.ts'
import { Descriptors } from './descriptors.ts'
import type { Drive } from './drive.ts'
import { timeMs } from './file-time.ts'
import { withOwner, withPermissions } from './metadata.ts'
import { openFlags } from './open-flags.ts'
import { openFile } from './opening.ts'
import { type BigIntStats, type Stats, statsOf } from './stats.ts'
import { readTransfer, writeTransfer } from './transfer-argument.ts'
import { readBuffers, writeBuffers } from './vectored.ts'

/** The calls that name an open file by its number: what `node:fs` has with a callback. */
export class DescriptorCalls {
  readonly descriptors = new Descriptors()
  readonly #drive: Drive

  constructor(drive: Drive) {
    this.#drive = drive
  }

  async open(path: unknown, flags?: unknown, mode?: unknown): Promise<number> {
    const permissions = modeArgument(mode, 0o666)
    const file = await openFile(
      this.#drive,
      pathArgument(path as string),
      openFlags(flags),
      permissions,
    )
    return this.descriptors.add(file)
  }

  async close(fd: unknown): Promise<void> {
    await this.descriptors.close(fd)
  }

  async read(fd: unknown, ...args: unknown[]): Promise<[number, ArrayBufferView]> {
    const { buffer, target, position } = readTransfer(args)
    const file = this.descriptors.get(fd, 'read')
    // As with Node, nothing is asked of the file for no bytes.
    return [target.byteLength === 0 ? 0 : await file.read(target, position), buffer]
  }

  /** The next bytes of a stream, at most `length`, in memory that is the receiver's. */
  async readNext(fd: number, length: number, position: number | undefined): Promise<Buffer> {
    const bytes = await this.descriptors.get(fd, 'read').readNext(length, position)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  async readv(fd: unknown, buffers: unknown, position?: unknown): Promise<[number, unknown]> {
    return [await readBuffers(this.descriptors.get(fd, 'read'), buffers, position), buffers]
  }

  async write(fd: unknown, ...args: unknown[]): Promise<[number, unknown]> {
    const { buffer, bytes, position, ...forgetting } = writeTransfer(args)
    const file = this.descriptors.get(fd, 'write')
    if (bytes.byteLength === 0) return [0, buffer]
    const written = await file.write(bytes, position, forgetting)
    await file.settle(forgetting)
    return [written, buffer]
  }

  async writev(fd: unknown, buffers: unknown, position?: unknown): Promise<[number, unknown]> {
    return [await writeBuffers(this.descriptors.get(fd, 'write'), buffers, position), buffers]
  }

  async fstat(fd: unknown, options?: { readonly bigint?: boolean }): Promise<Stats | BigIntStats> {
    const file = this.descriptors.get(fd, 'fstat')
    return statsOf(file.id, await file.inode(), options?.bigint === true)
  }

  async ftruncate(fd: unknown, length?: unknown): Promise<void> {
    const size = length === undefined || length === null ? 0 : integerArgument(length, 'len', -1)
    await this.descriptors.get(fd, 'ftruncate').truncate(size)
  }

  async fsync(fd: unknown): Promise<void> {
    await this.descriptors.get(fd, 'fsync').sync('fsync')
  }

  async fdatasync(fd: unknown): Promise<void> {
    await this.descriptors.get(fd, 'fdatasync').sync('fdatasync')
  }

  async fchmod(fd: unknown, mode: unknown): Promise<void> {
    const permissions = modeArgument(mode, 0)
    const file = this.descriptors.get(fd, 'fchmod')
    await file.setInode('fchmod', (inode) => ({ mode: withPermissions(inode, permissions) }))
  }

  async fchown(fd: unknown, uid: number, gid: number): Promise<void> {
    integerArgument(uid, 'uid', -1)
    integerArgument(gid, 'gid', -1)
    const file = this.descriptors.get(fd, 'fchown')
    await file.setInode('fchown', (inode) => withOwner(inode, uid, gid))
  }

  async futimes(fd: unknown, atime: unknown, mtime: unknown): Promise<void> {
    const times = { atimeMs: timeMs(atime, 'atime'), mtimeMs: timeMs(mtime, 'mtime') }
    await this.descriptors.get(fd, 'futime').setInode('futime', () => times)
  }
}
