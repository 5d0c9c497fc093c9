import fs from 'node:fs/promises'
import path from 'node:path'
import { datagramError } from './datagram-errors.ts'

// What a store makes in its folder.
const STORE_FILES = ['lock', 'key', 'marks', 'logs', 'sealed']

/** The folder of a clone or a host: a new one, or that of an earlier time. */
export class StoreFolder {
  readonly path: string
  readonly #existed: boolean
  readonly #isFresh: boolean

  private constructor(folder: string, existed: boolean, isFresh: boolean) {
    this.path = folder
    this.#existed = existed
    this.#isFresh = isFresh
  }

  /** Looks what is in the folder. Throws `FOLDER_IN_USE` for what is neither empty nor a store. */
  static async look(folder: string): Promise<StoreFolder> {
    if (typeof folder !== 'string' || folder === '')
      throw new TypeError('a clone or a host needs a folder')
    const names = await namesIn(folder)
    if (names === undefined) return new StoreFolder(folder, false, true)
    if (names.length > 0 && !names.includes('key')) throw inUse(folder)
    return new StoreFolder(folder, true, names.length === 0)
  }

  /** Leaves the folder as it was found, when nothing had been in it. The store in it is closed. */
  async undo(): Promise<void> {
    if (!this.#isFresh) return
    const files = STORE_FILES.map((name) => path.join(this.path, name))
    await Promise.all(files.map((file) => fs.rm(file, { recursive: true, force: true })))
    // Not empty any more: somebody else's by now.
    if (!this.#existed) await fs.rmdir(this.path).catch(() => undefined)
  }
}

/** The error of a folder that holds something else. */
export function inUse(folder: string): Error {
  return datagramError('FOLDER_IN_USE', `${folder} holds something else; take a new folder`)
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await fs.readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTDIR') throw inUse(folder)
    throw error
  }
}
