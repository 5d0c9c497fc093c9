import { EventEmitter } from 'node:events'
import readline from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { PreviousOptions } from '@datagram/stream'
import { encodingArgument, optionsArgument, previousArgument } from './argument.ts'
import type { DescriptorCalls } from './descriptor-calls.ts'
import type { FileStreams } from './file-streams.ts'
import type { OpenFile } from './open-file.ts'
import type { BigIntStats, Stats } from './stats.ts'
import { readOpen, writeOpen } from './whole-file.ts'
import { bytesOf, isPieces, wholeBytesOf } from './written-data.ts'

/** Options that name an encoding and how long to wait. */
export interface ContentOptions {
  readonly encoding: unknown
  readonly signal: AbortSignal
}

/** An open file, as `FileHandle` of `node:fs/promises`. */
export class FileHandle extends EventEmitter {
  readonly #calls: DescriptorCalls
  readonly #streams: FileStreams
  #fd: number

  /** `fd`: number of the open file among `calls`. */
  constructor(fd: number, calls: DescriptorCalls, streams: FileStreams) {
    super()
    this.#fd = fd
    this.#calls = calls
    this.#streams = streams
  }

  /** Number of the file in the callback API of the same file system; −1 once it is closed. */
  get fd(): number {
    return this.#fd
  }

  async read(...args: unknown[]): Promise<{ bytesRead: number; buffer: ArrayBufferView }> {
    const [bytesRead, buffer] = await this.#calls.read(this.#fd, ...args)
    return { bytesRead, buffer }
  }

  async readv(
    buffers: ArrayBufferView[],
    position?: number | null,
  ): Promise<{ bytesRead: number; buffers: ArrayBufferView[] }> {
    const [bytesRead] = await this.#calls.readv(this.#fd, buffers, position)
    return { bytesRead, buffers }
  }

  async write(...args: unknown[]): Promise<{ bytesWritten: number; buffer: unknown }> {
    const [bytesWritten, buffer] = await this.#calls.write(this.#fd, ...args)
    return { bytesWritten, buffer }
  }

  async writev(
    buffers: ArrayBufferView[],
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffers: ArrayBufferView[] }> {
    const [bytesWritten] = await this.#calls.writev(this.#fd, buffers, position)
    return { bytesWritten, buffers }
  }

  async readFile(options?: unknown): Promise<string | Buffer> {
    const { encoding, signal } = optionsArgument<ContentOptions>(options)
    const text = encodingArgument(encoding, 'buffer')
    const bytes = await readOpen(this.#open('read'), { signal })
    return text === 'buffer' ? bytes : bytes.toString(text)
  }

  async writeFile(data: unknown, options?: unknown): Promise<void> {
    const { encoding, signal } = optionsArgument<ContentOptions>(options)
    const forgetting = previousArgument(options)
    const file = this.#open('write')
    const text = encodingArgument(encoding, 'utf8')
    await writeData(file, data, { encoding: text, signal, ...forgetting })
    await file.settle(forgetting)
  }

  async appendFile(data: unknown, options?: unknown): Promise<void> {
    return this.writeFile(data, options)
  }

  async stat(options?: { readonly bigint?: boolean }): Promise<Stats | BigIntStats> {
    return this.#calls.fstat(this.#fd, options)
  }

  async truncate(length?: number | null, options?: unknown): Promise<void> {
    const size = length === undefined || length === null ? 0 : Math.max(0, length)
    const forgetting = previousArgument(options)
    if (forgetting.previous !== 'forget') return this.#calls.ftruncate(this.#fd, size)
    const file = this.#open('ftruncate')
    await file.truncate(size, forgetting)
    await file.settle(forgetting)
  }

  async chmod(mode: unknown): Promise<void> {
    await this.#calls.fchmod(this.#fd, mode)
  }

  async chown(uid: number, gid: number): Promise<void> {
    await this.#calls.fchown(this.#fd, uid, gid)
  }

  async utimes(atime: unknown, mtime: unknown): Promise<void> {
    await this.#calls.futimes(this.#fd, atime, mtime)
  }

  async sync(): Promise<void> {
    await this.#calls.fsync(this.#fd)
  }

  async datasync(): Promise<void> {
    await this.#calls.fdatasync(this.#fd)
  }

  async close(): Promise<void> {
    const fd = this.#fd
    if (fd === -1) return
    this.#fd = -1
    await this.#calls.close(fd)
    this.emit('close')
  }

  createReadStream(options?: object): Readable {
    return this.#streams.readStream(this, options)
  }

  createWriteStream(options?: object): NodeJS.WritableStream {
    return this.#streams.writeStream(this, options)
  }

  readLines(options?: object): readline.Interface {
    const input = this.createReadStream(options)
    return readline.createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  }

  readableWebStream(): ReadableStream {
    const stream = this.createReadStream({ autoClose: false, start: 0 })
    return Readable.toWeb(stream)
  }

  #open(syscall: string): OpenFile {
    return this.#calls.descriptors.get(this.#fd, syscall)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** How data is written to an open file. */
export interface WriteDataOptions extends PreviousOptions {
  readonly encoding: BufferEncoding | 'buffer'
  readonly signal?: AbortSignal | undefined
}

/** Writes what `writeFile` takes at the position of an open file. */
export async function writeData(
  file: OpenFile,
  data: unknown,
  { encoding, signal, previous }: WriteDataOptions,
): Promise<void> {
  const bytes = isPieces(data) ? bytesOf(data, encoding) : wholeBytesOf(data, encoding)
  if (bytes !== undefined) return writeOpen(file, bytes, signal, { previous })
  for await (const piece of data as AsyncIterable<unknown>) {
    signal?.throwIfAborted()
    await writeOpen(file, wholeBytesOf(piece, encoding), signal, { previous })
  }
}
