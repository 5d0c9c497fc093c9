import type { ReadStream } from 'node:fs'

/** Where one of Node's read streams is: its own fields, which it documents only in part. */
interface Progress {
  readonly fd: number
  /** Where the next read begins; undefined: where the file's own position is. */
  pos: number | undefined
  /** The last byte that is asked for. */
  readonly end: number
  bytesRead: number
}

/** The next bytes of an open file, at most `length`; none at its end. */
export type ReadNext = (fd: number, length: number, position: number | undefined) => Promise<Buffer>

/**
 * Lets a read stream pass on the memory that bytes were read into. Node makes memory for each read before it asks, and
 * all of it was for nothing: that it had to be collected was a third of the time that reading a large file took.
 */
export function readUncopied(stream: ReadStream, next: ReadNext): ReadStream {
  const progress = stream as unknown as Progress
  const read = async (size: number) => {
    const { fd, pos, end, bytesRead } = progress
    const left = end - (pos ?? bytesRead) + 1
    const bytes = left > 0 ? await next(fd, Math.min(size, left), pos) : undefined
    if (stream.destroyed) return
    const length = bytes?.byteLength ?? 0
    if (pos !== undefined) progress.pos = pos + length
    progress.bytesRead += length
    stream.push(length === 0 ? null : bytes)
  }
  stream._read = (size) => void read(size).catch((error: Error) => stream.destroy(error))
  return stream
}
