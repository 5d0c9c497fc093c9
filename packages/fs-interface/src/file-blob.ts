import { Blob } from 'node:buffer'
import type { PathLike } from 'node:fs'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { optionsArgument, pathArgument } from './argument.ts'
import type { Drive } from './drive.ts'
import { errnoError } from './errno-error.ts'
import { type Inode, isFile } from './inode.ts'
import type { OpenFile } from './open-file.ts'
import { openFlags } from './open-flags.ts'
import { openFile } from './opening.ts'

const PIECE_BYTES = 1024 * 1024

interface Source {
  readonly drive: Drive
  readonly path: string
  /** What the file was when the blob was made: with another one it cannot be read. */
  readonly inode: Inode
}

interface Part {
  readonly start: number
  readonly end: number
  readonly type: string
}

/** The content of a file, or a part of it, that is read when it is asked for. */
class FileBlob extends Blob {
  override readonly size: number
  readonly #source: Source
  readonly #part: Part

  constructor(source: Source, part: Part) {
    super([], { type: part.type })
    this.#source = source
    this.#part = part
    this.size = part.end - part.start
  }

  override slice(start = 0, end = this.size, type = ''): Blob {
    const placed = (at: number) => {
      const from = at < 0 ? Math.max(0, this.size + at) : Math.min(at, this.size)
      return this.#part.start + from
    }
    const first = placed(start)
    return new FileBlob(this.#source, { start: first, end: Math.max(first, placed(end)), type })
  }

  override stream(): ReadableStream {
    return Readable.toWeb(Readable.from(this.#pieces(), { objectMode: false }))
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(this.size)
    let at = 0
    for await (const piece of this.#pieces()) {
      bytes.set(piece, at)
      at += piece.byteLength
    }
    return bytes.buffer
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer())
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const { drive, path } = this.#source
    const file = await openFile(drive, path, openFlags('r'), 0).catch(unreadable)
    try {
      for (let at = this.#part.start; at < this.#part.end; ) {
        await this.#assertUnchanged(file)
        const piece = new Uint8Array(Math.min(PIECE_BYTES, this.#part.end - at))
        if ((await file.read(piece, at)) < piece.byteLength) unreadable()
        yield piece
        at += piece.byteLength
      }
    } finally {
      await file.close()
    }
  }

  async #assertUnchanged(file: OpenFile): Promise<void> {
    const { size, mtimeMs } = await file.inode()
    const { inode } = this.#source
    if (size !== inode.size || mtimeMs !== inode.mtimeMs) unreadable()
  }
}

// As Node says it of a file that was changed or removed.
function unreadable(cause?: unknown): never {
  const error = new DOMException('The blob could not be read', 'NotReadableError')
  throw Object.assign(error, cause === undefined ? {} : { cause })
}

/** `fs.openAsBlob`: a blob of a file, which is read when the blob is. */
export async function openAsBlob(drive: Drive, at: PathLike, options?: unknown): Promise<Blob> {
  const { type = '' } = optionsArgument<{ readonly type: string }>(options)
  const path = pathArgument(at)
  const call = { syscall: 'open', path }
  const inode = await drive.read(async (tree) => {
    const { entry } = await drive.find(tree, path, call)
    return tree.inode(entry)
  })
  if (inode === undefined) throw errnoError('ENOENT', call)
  if (!isFile(inode)) throw errnoError('EISDIR', call)
  return new FileBlob({ drive, path, inode }, { start: 0, end: inode.size, type })
}
