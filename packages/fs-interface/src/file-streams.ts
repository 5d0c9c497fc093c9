import nodefs, { type PathLike, type ReadStream, type WriteStream } from 'node:fs'
import { CELL_BYTES } from './content.ts'
import type { DescriptorCalls } from './descriptor-calls.ts'
import { withCallback } from './with-callback.ts'

// What a stream holds before it writes all of it in one step, and reads in one: whole cells.
const WRITE_BYTES = 2 * 1024 * 1024
const READ_BYTES = CELL_BYTES

/** An open file that a stream may be given instead of a path. */
export interface StreamHandle {
  readonly fd: number
  close(): Promise<void>
}

/** Streams over files: those of Node itself, on our calls. */
export class FileStreams {
  readonly #calls: {
    readonly open: (...args: unknown[]) => void
    readonly close: (...args: unknown[]) => void
    readonly read: (...args: unknown[]) => void
    readonly write: (...args: unknown[]) => void
    readonly writev: (...args: unknown[]) => void
  }

  constructor(calls: DescriptorCalls) {
    this.#calls = {
      open: withCallback((...args) => calls.open(args[0], args[1], args[2])),
      close: withCallback((fd) => calls.close(fd)),
      // Node's read streams go on with the buffer that the callback is given.
      read: withCallback((fd, ...args) => calls.readNext(fd, ...args), { spread: true }),
      write: withCallback((fd, ...args) => calls.write(fd, ...args), { spread: true }),
      writev: withCallback((fd, ...args) => calls.writev(fd, args[0], args[1]), { spread: true }),
    }
  }

  readStream(path: PathLike | StreamHandle, options?: unknown): ReadStream {
    return nodefs.createReadStream(...this.#arguments(path, options, READ_BYTES))
  }

  writeStream(path: PathLike | StreamHandle, options?: unknown): WriteStream {
    return nodefs.createWriteStream(...this.#arguments(path, options, WRITE_BYTES))
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
