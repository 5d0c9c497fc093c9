import { isDatagramError } from '@datagram/errors'
import type { StreamSnapshot } from '@datagram/stream'
import { readInto } from './content.ts'
import type { Drive } from './drive.ts'
import { errnoError } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import type { Inode } from './inode.ts'
import { Tree } from './tree.ts'

// Each forgetting takes longer than most reads.
const MOMENTS_MAX = 10

/** A file that is there to be copied. */
export interface FileThere {
  readonly id: InodeId
  readonly inode: Inode
  readonly path: string
}

/**
 * The content of a file at one moment, read in steps between which there may be writes. Forgetting, which the copy
 * itself may bring about, ends every older moment: then it goes on from the present, if the file is still the same.
 */
export class CopiedFile {
  readonly #drive: Drive
  readonly #file: FileThere
  #snapshot: StreamSnapshot
  // Not the first one: the file may have changed meanwhile.
  #isLater = false

  constructor(drive: Drive, file: FileThere) {
    this.#drive = drive
    this.#file = file
    this.#snapshot = drive.stream.snapshot()
  }

  get size(): number {
    return this.#file.inode.size
  }

  /** Up to `length` bytes from `position` on. Throws `EBUSY` when the file has changed, and that moment is gone. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { id, inode } = this.#file
    const bytes = new Uint8Array(Math.max(0, Math.min(length, inode.size - position)))
    for (let left = MOMENTS_MAX; ; left--) {
      try {
        const tree = new Tree(this.#snapshot)
        if (this.#isLater) await this.#assertSame(tree)
        await readInto(tree.reader, { ...id, ...inode }, bytes, position)
        return bytes
      } catch (error) {
        if (left === 1 || !isDatagramError(error, 'INDEX_SNAPSHOT_GONE')) throw error
        this.#snapshot.close()
        this.#snapshot = this.#drive.stream.snapshot()
        this.#isLater = true
      }
    }
  }

  close(): void {
    this.#snapshot.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #assertSame(tree: Tree): Promise<void> {
    const { id, inode, path } = this.#file
    const now = await tree.inode(id)
    if (now !== undefined && isSame(now, inode)) return
    throw errnoError('EBUSY', { syscall: 'copyfile', path })
  }
}

// What a write changes; reading changes atime.
function isSame(a: Inode, b: Inode): boolean {
  return a.size === b.size && a.patches === b.patches && a.mtimeMs === b.mtimeMs
}
