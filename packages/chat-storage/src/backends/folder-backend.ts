import fs from 'node:fs/promises'
import path from 'node:path'
import type { BackendChange, ChatBackend } from '../chat-backend.ts'
import type { ChatDurability } from './durability.ts'
import { type CellChange, type Cells, Journal } from './journal.ts'
import { type LockedFile, lockedFile } from './locked-file.ts'

/** How containers are kept in a folder. */
export interface FolderBackendOptions {
  /** Default `process`. */
  readonly durability?: ChatDurability | undefined
}

/**
 * Keeps each container in a file of its own, named with the 64 hexadecimal digits of its key, and replaces it
 * as a whole. The folder is made when it is not there, and belongs to one open chat at a time
 * (`CHAT_LOCKED`).
 */
export function folderBackend(folder: string, options: FolderBackendOptions = {}): ChatBackend {
  return new FolderBackend(folder, options)
}

class FolderBackend implements ChatBackend {
  readonly appends = false
  readonly #folder: string
  readonly #journal: Journal
  #lock: LockedFile | undefined
  #opening: Promise<void> | undefined

  constructor(folder: string, { durability = 'process' }: FolderBackendOptions) {
    this.#folder = folder
    this.#journal = new Journal(filesOf(folder, durability))
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#open()
    return this.#journal.get(nameOf(key))
  }

  async putMany(changes: readonly BackendChange[]): Promise<void> {
    await this.#open()
    await this.#journal.commit(changes.map(cellChange))
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    await this.#open()
    // What the journal still holds is carried out first.
    await this.#journal.commit([])
    for (const name of await fs.readdir(this.#folder)) {
      if (/^[0-9a-f]{64}$/.test(name)) yield `0x${name}`
    }
  }

  async close(): Promise<void> {
    if (this.#opening === undefined) return
    await this.#opening.catch(() => undefined)
    const lock = this.#lock
    if (lock === undefined) return
    this.#lock = undefined
    try {
      await this.#journal.close()
    } finally {
      await lock.close()
    }
  }

  #open(): Promise<void> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #start(): Promise<void> {
    await fs.mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const lock = await lockedFile(path.join(this.#folder, 'lock'), 'a+')
    try {
      await this.#journal.open()
      this.#lock = lock
    } catch (error) {
      await lock.close()
      throw error
    }
  }
}

function cellChange(change: BackendChange): CellChange {
  if (change.type === 'append') throw new TypeError('a folder does not append')
  return [nameOf(change.key), change.type === 'put' ? change.value : undefined]
}

function nameOf(key: string): string {
  return key.slice(2)
}

/** The files of a folder, each replaced by renaming another over it. */
function filesOf(folder: string, durability: ChatDurability): Cells {
  const sync = durability === 'disk'
  const syncFolder = async () => {
    if (!sync) return
    const handle = await fs.open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  }
  return {
    get: (name) => fs.readFile(path.join(folder, name)).catch(absent),
    async set(name, value) {
      const file = path.join(folder, name)
      const temporary = `${file}.new`
      const handle = await fs.open(temporary, 'w', 0o600)
      try {
        await handle.writeFile(value)
        if (sync) await handle.sync()
      } finally {
        await handle.close()
      }
      await fs.rename(temporary, file)
      await syncFolder()
    },
    async del(name) {
      await fs.rm(path.join(folder, name), { force: true })
      await syncFolder()
    },
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
