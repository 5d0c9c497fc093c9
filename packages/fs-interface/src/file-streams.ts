import nodefs, { type PathLike, type ReadStream, type WriteStream } from 'node:fs'
import { CELL_BYTES } from './content.ts'
import type { DescriptorCalls } from './descriptor-calls.ts'
import { gatherWrites } from './gathered-writes.ts'
import { type ReadNext, readUncopied } from './uncopied-reads.ts'
import { withCallback } from './with-callback.ts'

// What a stream holds before it writes all of it in one step, and reads in one: whole cells. A step of that many
// bytes goes into the log in several appends, and the next is made ready while the storage writes one.
const WRITE_BYTES = 16 * 1024 * 1024
const READ_BYTES = CELL_BYTES

/** An open file that a stream may be given instead of a path. */
export interface StreamHandle {
  readonly fd: number
  close(): Promise<void>
}

/** Streams over files: those of Node itself, on our calls. */
export class FileStreams {
  readonly #readNext: ReadNext
  readonly #calls: {
    readonly open: (...args: unknown[]) => void
    readonly close: (...args: unknown[]) => void
    readonly read: (...args: unknown[]) => void
    readonly write: (...args: unknown[]) => void
    readonly writev: (...args: unknown[]) => void
  }

  constructor(calls: DescriptorCalls) {
    this.#readNext = (...args) => calls.readNext(...args)
    this.#calls = {
      open: withCallback((...args) => calls.open(args[0], args[1], args[2])),
      close: withCallback((fd) => calls.close(fd)),
      read: withCallback((fd, ...args) => calls.read(fd, ...args), { spread: true }),
      write: withCallback((fd, ...args) => calls.write(fd, ...args), { spread: true }),
      writev: withCallback((fd, ...args) => calls.writev(fd, args[0], args[1]), { spread: true }),
    }
  }

  readStream(path: PathLike | StreamHandle, options?: unknown): ReadStream {
    const stream = nodefs.createReadStream(...this.#arguments(path, options, READ_BYTES))
    return readUncopied(stream, this.#readNext)
  }

  writeStream(path: PathLike | StreamHandle, options?: unknown): WriteStream {
    const stream = nodefs.createWriteStream(...this.#arguments(path, options, WRITE_BYTES))
    return gatherWrites(stream)
  }

  #arguments(
    path: PathLike | StreamHandle,
    options: unknown,
    highWaterMark: number,
  ): [PathLike, object] {
    const asked = typeof options === 'string' ? { encoding: options } : ((options ?? {}) as object)
    const given = { highWaterMark, ...asked }
    if (!isHandle(path)) return [path, { ...handleOption(given), fs: this.#calls }]
    const close = withCallback(() => path.close())
    return ['', { ...given, fd: path.fd, fs: { ...this.#calls, close } }]
  }
}

// `{ fd: handle }` is what Node takes only of its own handles.
function handleOption(options: object): object {
  const { fd } = options as { readonly fd?: unknown }
  return typeof fd === 'object' && fd !== null && 'fd' in fd ? { ...options, fd: fd.fd } : options
}

function isHandle(path: PathLike | StreamHandle): path is StreamHandle {
  return typeof path === 'object' && path !== null && 'fd' in path
}
