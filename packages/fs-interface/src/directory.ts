import { invalidType } from './argument.ts'
import type { Dirent } from './dirent.ts'
import { withCallback } from './with-callback.ts'

type ReadCallback = (error: unknown, entry?: Dirent | null) => void

/** An open directory, as `fs.Dir` of Node: what was in it when it was opened. */
export class Dir {
  readonly path: string
  readonly #entries: readonly Dirent[]
  #next = 0
  #isClosed = false

  constructor(path: string, entries: readonly Dirent[]) {
    this.path = path
    this.#entries = entries
  }

  read(): Promise<Dirent | null>
  read(callback: ReadCallback): void
  read(callback?: ReadCallback): Promise<Dirent | null> | undefined {
    if (callback !== undefined && typeof callback !== 'function') throw noCallback(callback)
    if (callback === undefined) return this.#read()
    withCallback(() => this.#read())(callback)
    return undefined
  }

  close(): Promise<void>
  close(callback: (error?: unknown) => void): void
  close(callback?: (error?: unknown) => void): Promise<void> | undefined {
    if (callback !== undefined && typeof callback !== 'function') throw noCallback(callback)
    if (callback === undefined) return this.#close()
    withCallback(() => this.#close())(callback)
    return undefined
  }

  async *entries(): AsyncGenerator<Dirent, void, undefined> {
    try {
      for (;;) {
        const entry = await this.#read()
        if (entry === null) return
        yield entry
      }
    } finally {
      await this.#close()
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent, void, undefined> {
    return this.entries()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.#close()
  }

  async #read(): Promise<Dirent | null> {
    this.#assertOpen()
    return this.#entries[this.#next++] ?? null
  }

  async #close(): Promise<void> {
    this.#assertOpen()
    this.#isClosed = true
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw Object.assign(new Error('Directory handle was closed'), { code: 'ERR_DIR_CLOSED' })
  }
}

function noCallback(value: unknown): TypeError {
  return invalidType('callback', 'of type function', value)
}
