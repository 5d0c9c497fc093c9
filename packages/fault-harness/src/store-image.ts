import { execFile } from 'node:child_process'
import { cp, lstat, mkdir, open, readFile, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { storeFiles } from './store-files.ts'

interface FileImage {
  readonly content: Uint8Array
  readonly accessed: Date
  readonly modified: Date
}

export interface RestoreOptions {
  /**
   * Deletes files that came into being since the image was taken; default true. Without it a backup
   * is copied over a newer store, as `cp -a backup/. store` does.
   */
  readonly removeOthers?: boolean
  /** Gives the files their old times back, as `cp -p` and `rsync -t` do; default true. */
  readonly keepTimes?: boolean
}

/**
 * The content of a store's files at one moment, in memory. Restoring it writes *into* the files that
 * are there, which keep their inodes and extended attributes: the device file of a store tells a
 * copy by these, so this is both how a test damages one store many times over, and how an old backup
 * comes back unnoticed.
 */
export class StoreImage {
  readonly #folder: string
  readonly #files: ReadonlyMap<string, FileImage>

  private constructor(folder: string, files: ReadonlyMap<string, FileImage>) {
    this.#folder = folder
    this.#files = files
  }

  /**
   * Reads every file, or `only` those whose names (relative to the folder) are given. The store must
   * be closed, or its process dead.
   */
  static async take(
    folder: string,
    { only }: { readonly only?: readonly string[] } = {},
  ): Promise<StoreImage> {
    const files = new Map<string, FileImage>()
    for (const { name, path } of await storeFiles(folder)) {
      if (only !== undefined && !only.includes(name)) continue
      const { atime, mtime } = await lstat(path)
      files.set(name, { content: await readFile(path), accessed: atime, modified: mtime })
    }
    return new StoreImage(folder, files)
  }

  /** Names of the files, relative to the folder. */
  get names(): string[] {
    return [...this.#files.keys()]
  }

  /** Puts the files back as they were. The store must be closed. */
  async restore({ removeOthers = true, keepTimes = true }: RestoreOptions = {}): Promise<void> {
    if (removeOthers) {
      for (const { name, path } of await storeFiles(this.#folder)) {
        if (!this.#files.has(name)) await rm(path)
      }
    }
    for (const [name, image] of this.#files) {
      const path = join(this.#folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeInPlace(path, image.content)
      if (keepTimes) await utimes(path, image.accessed, image.modified)
    }
  }
}

/**
 * Closes a store and leaves its files as a kill would have: as they were before, with what a close brings to an end
 * (the engine's write-ahead log) still in them. Nothing may be under way in the store.
 */
export async function closeAsKilled(folder: string, close: () => Promise<void>): Promise<void> {
  const image = await StoreImage.take(folder)
  await close()
  await image.restore()
}

async function writeInPlace(path: string, content: Uint8Array): Promise<void> {
  // 'r+' keeps the inode but wants the file to be there; 'a' makes it without emptying it.
  await (await open(path, 'a')).close()
  const file = await open(path, 'r+')
  try {
    await file.truncate(0)
    await file.writeFile(content)
  } finally {
    await file.close()
  }
}

export interface CopyStoreOptions {
  /** Copies times, modes and extended attributes too (`cp -a`); default false: content alone. */
  readonly attributes?: boolean
}

/** Copies a store's folder, as somebody would who does not know better. `to` must not exist. */
export async function copyStore(
  folder: string,
  to: string,
  { attributes = false }: CopyStoreOptions = {},
): Promise<void> {
  if (attributes) await promisify(execFile)('cp', ['-a', folder, to])
  else await cp(folder, to, { recursive: true, errorOnExist: true, force: false })
}
