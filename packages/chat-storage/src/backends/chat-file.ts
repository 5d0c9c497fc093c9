import fs from 'node:fs'
import { promisify } from 'node:util'
import b4a from 'b4a'
import type { BackendChange } from '../chat-backend.ts'
import { chatError } from '../chat-errors.ts'
import {
  decodeBody,
  decodeMark,
  encodeMark,
  encodeRecord,
  fileHead,
  type FileMark,
  isWhole,
  MAGIC,
  MARK_AT,
  MARK_BYTES,
  RECORD_HEAD_BYTES,
  RECORDS_AT,
  VERSION,
} from './chat-file-format.ts'
import type { ChatDurability } from './durability.ts'
import { FileContents } from './file-contents.ts'
import { type LockedFile, lockedFile } from './locked-file.ts'

const read = promisify(fs.read)
const write = promisify(fs.write)
const truncate = promisify(fs.ftruncate)
const datasync = promisify(fs.fdatasync)

/** An open chat file: what is written is at its end, and acknowledged by its mark. */
export class ChatFile {
  readonly #file: LockedFile
  readonly #durability: ChatDurability
  readonly #contents = new FileContents()
  #end = RECORDS_AT
  #sequence = 0

  private constructor(file: LockedFile, durability: ChatDurability) {
    this.#file = file
    this.#durability = durability
  }

  /**
   * Opens the file, and begins one where there is none.
   *
   * Throws `CHAT_LOCKED`, `CHAT_FILE_TRUNCATED`, `CHAT_FILE_DAMAGED`, `CHAT_FORMAT_UNKNOWN`.
   */
  static async open(path: string, durability: ChatDurability): Promise<ChatFile> {
    beginUnlessThere(path)
    const file = new ChatFile(await lockedFile(path, 'r+'), durability)
    try {
      await file.#load()
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Bytes that the file has beside those of containers. */
  get garbageBytes(): number {
    return this.#end - RECORDS_AT - this.#contents.liveBytes
  }

  /** Bytes of containers. */
  get liveBytes(): number {
    return this.#contents.liveBytes
  }

  keys(): string[] {
    return this.#contents.keys()
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const parts = this.#contents.partsOf(key)
    if (parts.length === 0) return undefined
    const read = parts.map(({ offset, bytes }) => this.#read(offset, bytes))
    return b4a.concat(await Promise.all(read))
  }

  /** Makes the changes, all or none. */
  async write(changes: readonly BackendChange[]): Promise<void> {
    const offset = this.#end
    const { record, placed } = encodeRecord(offset, changes)
    try {
      await this.#write(offset, record)
      if (this.#durability === 'disk') await datasync(this.#file.fd)
      await this.#mark({ length: offset + record.byteLength, sequence: this.#sequence + 1 })
    } catch (error) {
      // What was written of it must not be taken for a whole record.
      await truncate(this.#file.fd, offset)
      throw error
    }
    this.#contents.apply(placed, offset + RECORD_HEAD_BYTES)
  }

  /** Waits until all of it is on the disk. */
  async sync(): Promise<void> {
    await datasync(this.#file.fd)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #load(): Promise<void> {
    const { size } = fs.fstatSync(this.#file.fd)
    if (size < RECORDS_AT) throw truncated(size, undefined)
    const head = await this.#read(0, RECORDS_AT)
    if (!b4a.equals(head.subarray(0, MAGIC.byteLength), MAGIC)) throw damaged('it is no chat file')
    const version = head[MAGIC.byteLength]
    if (version !== VERSION) {
      throw chatError(
        'CHAT_FORMAT_UNKNOWN',
        `this chat file has format version ${String(version)}, and this package reads ${VERSION}; install a newer one`,
      )
    }
    const mark = markOf(head)
    if (mark === undefined || size < mark.length) throw truncated(size, mark)
    this.#sequence = mark.sequence
    await this.#scan(size, mark.length)
  }

  async #scan(size: number, marked: number): Promise<void> {
    while (this.#end < size) {
      const offset = this.#end
      const record = await this.#record(offset, size)
      if (record === undefined) {
        if (offset < marked) throw damaged(`the record at ${offset} is not what was written`)
        await truncate(this.#file.fd, offset)
        return
      }
      this.#contents.apply(decodeBody(record), offset + RECORD_HEAD_BYTES)
      this.#end = offset + RECORD_HEAD_BYTES + record.byteLength
    }
  }

  async #record(offset: number, size: number): Promise<Uint8Array | undefined> {
    const body = offset + RECORD_HEAD_BYTES
    if (body > size) return undefined
    const head = await this.#read(offset, RECORD_HEAD_BYTES)
    const bytes = new DataView(head.buffer, head.byteOffset).getUint32(0, true)
    if (bytes > size - body) return undefined
    const record = await this.#read(body, bytes)
    return isWhole(offset, head, record) ? record : undefined
  }

  async #mark(mark: FileMark): Promise<void> {
    await this.#write(MARK_AT[mark.sequence % 2 === 0 ? 1 : 0], encodeMark(mark))
    this.#sequence = mark.sequence
    this.#end = mark.length
  }

  async #read(offset: number, bytes: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(bytes)
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await read(this.#file.fd, buffer, done, bytes - done, offset + done)
      if (bytesRead === 0) throw truncated(offset + done, undefined)
      done += bytesRead
    }
    return buffer
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const left = bytes.byteLength - done
      done += (await write(this.#file.fd, bytes, done, left, offset + done)).bytesWritten
    }
  }
}

function beginUnlessThere(path: string): void {
  try {
    fs.writeFileSync(path, fileHead(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function markOf(head: Uint8Array): FileMark | undefined {
  const marks = MARK_AT.map((at) => head.subarray(at, at + MARK_BYTES)).flatMap(
    (bytes) => decodeMark(bytes) ?? [],
  )
  return marks.sort((a, b) => b.sequence - a.sequence)[0]
}

function damaged(why: string): Error {
  return chatError('CHAT_FILE_DAMAGED', `this file was changed: ${why}; put it back from a copy`)
}

function truncated(bytes: number, mark: FileMark | undefined): Error {
  return chatError(
    'CHAT_FILE_TRUNCATED',
    `this file has ${bytes} bytes, and ${mark?.length ?? 'more'} were acknowledged; put it back from a copy`,
    { details: { bytes } },
  )
}
