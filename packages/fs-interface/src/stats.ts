import { constants } from 'node:fs'
import { timeNs } from './file-time.ts'
import type { InodeId } from './fs-key.ts'
import { type Inode, isDirectory, typeOf } from './inode.ts'

const BLOCK_BYTES = 4096
// What `blocks` counts in.
const SECTOR_BYTES = 512
// Device number of a file system that is on no device.
const DEVICE = 0xd6

abstract class FileType {
  abstract readonly mode: number | bigint

  isFile(): boolean {
    return this.#is(constants.S_IFREG)
  }

  isDirectory(): boolean {
    return this.#is(constants.S_IFDIR)
  }

  isSymbolicLink(): boolean {
    return this.#is(constants.S_IFLNK)
  }

  isFIFO(): boolean {
    return this.#is(constants.S_IFIFO)
  }

  isSocket(): boolean {
    return this.#is(constants.S_IFSOCK)
  }

  isBlockDevice(): boolean {
    return this.#is(constants.S_IFBLK)
  }

  isCharacterDevice(): boolean {
    return this.#is(constants.S_IFCHR)
  }

  #is(type: number): boolean {
    return typeOf(Number(this.mode)) === type
  }
}

/** What `stat` says of a file, as `fs.Stats` of Node has it. */
export class Stats extends FileType {
  readonly dev = DEVICE
  readonly ino: number
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly rdev = 0
  readonly size: number
  readonly blksize = BLOCK_BYTES
  readonly blocks: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly birthtimeMs: number
  readonly atime: Date
  readonly mtime: Date
  readonly ctime: Date
  readonly birthtime: Date

  constructor({ ino }: InodeId, inode: Inode) {
    super()
    this.ino = ino
    this.mode = inode.mode
    this.nlink = inode.links
    this.uid = inode.uid
    this.gid = inode.gid
    this.size = sizeOf(inode)
    this.blocks = blocksOf(inode)
    this.atimeMs = inode.atimeMs
    this.mtimeMs = inode.mtimeMs
    this.ctimeMs = inode.ctimeMs
    this.birthtimeMs = inode.birthtimeMs
    this.atime = new Date(Math.round(inode.atimeMs))
    this.mtime = new Date(Math.round(inode.mtimeMs))
    this.ctime = new Date(Math.round(inode.ctimeMs))
    this.birthtime = new Date(Math.round(inode.birthtimeMs))
  }
}

/** As {@link Stats}, with `{ bigint: true }`. */
export class BigIntStats extends FileType {
  readonly dev = BigInt(DEVICE)
  readonly ino: bigint
  readonly mode: bigint
  readonly nlink: bigint
  readonly uid: bigint
  readonly gid: bigint
  readonly rdev = 0n
  readonly size: bigint
  readonly blksize = BigInt(BLOCK_BYTES)
  readonly blocks: bigint
  readonly atimeMs: bigint
  readonly mtimeMs: bigint
  readonly ctimeMs: bigint
  readonly birthtimeMs: bigint
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly birthtimeNs: bigint
  readonly atime: Date
  readonly mtime: Date
  readonly ctime: Date
  readonly birthtime: Date

  constructor({ ino }: InodeId, inode: Inode) {
    super()
    this.ino = BigInt(ino)
    this.mode = BigInt(inode.mode)
    this.nlink = BigInt(inode.links)
    this.uid = BigInt(inode.uid)
    this.gid = BigInt(inode.gid)
    this.size = BigInt(sizeOf(inode))
    this.blocks = BigInt(blocksOf(inode))
    this.atimeNs = timeNs(inode.atimeMs)
    this.mtimeNs = timeNs(inode.mtimeMs)
    this.ctimeNs = timeNs(inode.ctimeMs)
    this.birthtimeNs = timeNs(inode.birthtimeMs)
    this.atimeMs = this.atimeNs / 1_000_000n
    this.mtimeMs = this.mtimeNs / 1_000_000n
    this.ctimeMs = this.ctimeNs / 1_000_000n
    this.birthtimeMs = this.birthtimeNs / 1_000_000n
    this.atime = new Date(Math.round(inode.atimeMs))
    this.mtime = new Date(Math.round(inode.mtimeMs))
    this.ctime = new Date(Math.round(inode.ctimeMs))
    this.birthtime = new Date(Math.round(inode.birthtimeMs))
  }
}

/** What `{ bigint: true }` asks for, or the other. */
export function statsOf(id: InodeId, inode: Inode, bigint: boolean): Stats | BigIntStats {
  return bigint ? new BigIntStats(id, inode) : new Stats(id, inode)
}

function sizeOf(inode: Inode): number {
  return isDirectory(inode) ? BLOCK_BYTES : inode.size
}

function blocksOf(inode: Inode): number {
  return Math.ceil(sizeOf(inode) / SECTOR_BYTES)
}
