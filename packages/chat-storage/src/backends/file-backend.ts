import fs from 'node:fs/promises'
import type { BackendChange, ChangeOptions, ChatBackend } from '../chat-backend.ts'
import { ChatFile } from './chat-file.ts'
import type { ChatDurability } from './durability.ts'

/** How containers are kept in one file. */
export interface FileBackendOptions {
  /** Default `process`. */
  readonly durability?: ChatDurability | undefined
}

/** A file is written anew when so many bytes of it, and half of it, are of no use. */
const GARBAGE_BYTES_MAX = 1024 * 1024

/**
 * Keeps all containers in one file, which grows at its end and is written anew when half of it is of no use.
 * It is made when it is not there, and belongs to one open chat at a time (`CHAT_LOCKED`).
 *
 * A file that is shorter than what was acknowledged is `CHAT_FILE_TRUNCATED`; one whose records are not what
 * was written, `CHAT_FILE_DAMAGED`.
 */
export function fileBackend(path: string, options: FileBackendOptions = {}): ChatBackend {
  return new FileBackend(path, options)
}

class FileBackend implements ChatBackend {
  readonly appends = true
  readonly #path: string
  readonly #durability: ChatDurability
  #opening: Promise<ChatFile> | undefined

  constructor(path: string, { durability = 'process' }: FileBackendOptions) {
    this.#path = path
    this.#durability = durability
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#open()).get(key)
  }

  async putMany(
    changes: readonly BackendChange[],
    { previous = 'keep' }: ChangeOptions = {},
  ): Promise<void> {
    const file = await this.#open()
    const { garbageBytes, liveBytes } = file
    const isWasteful = garbageBytes > GARBAGE_BYTES_MAX && garbageBytes > liveBytes
    // Nothing that was replaced is in a file that is new.
    if (isWasteful || previous === 'forget') await this.#rewrite(file, changes)
    else await file.write(changes)
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    yield* (await this.#open()).keys()
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    // One that could not be opened has nothing to close; who opened it has heard why.
    const file = await opening?.catch(() => undefined)
    await file?.close()
  }

  #open(): Promise<ChatFile> {
    this.#opening ??= ChatFile.open(this.#path, this.#durability).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Replaces the file by one with its containers alone, and with these changes made. */
  async #rewrite(file: ChatFile, changes: readonly BackendChange[]): Promise<void> {
    const path = `${this.#path}.new`
    await fs.rm(path, { force: true })
    const next = await ChatFile.open(path, 'process')
    try {
      const replaced = new Set(
        changes.filter(({ type }) => type !== 'append').map(({ key }) => key),
      )
      for (const key of file.keys()) {
        // Its bytes are not to be in the new file at all.
        if (replaced.has(key)) continue
        const value = await file.get(key)
        if (value !== undefined) await next.write([{ type: 'put', key, value }])
      }
      await next.write(changes)
      if (this.#durability === 'disk') await next.sync()
      await fs.rename(path, this.#path)
    } catch (error) {
      await next.close()
      await fs.rm(path, { force: true })
      throw error
    }
    this.#opening = Promise.resolve(next)
    await file.close()
  }
}
