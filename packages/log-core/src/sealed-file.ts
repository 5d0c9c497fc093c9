import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import { replaceFile, syncFolder } from './atomic-file.ts'
import { openSecret, sealSecret } from './keys/secret-box.ts'
import { logError } from './log-errors.ts'

/*
 * A sealed file, version 1:
 *
 *   size  field
 *   4     magic, ASCII "DGSF"
 *   1     format version, 1
 *   24    nonce, random
 *   16    tag
 *   …     content, XChaCha20-Poly1305 under the file's key, with the bytes before the nonce and the file's name,
 *         ASCII, as associated data
 */
const MAGIC = b4a.from('DGSF')
const VERSION = 1
const HEAD_BYTES = 5
const FOLDER = 'sealed'

/** Small files of a store whose content nobody reads who has only the disk. */
export class SealedFiles {
  readonly #folder: string
  readonly #keyOf: (name: string) => Uint8Array
  #writing: Promise<unknown> = Promise.resolve()

  /** `keyOf`: the 32-byte key of the file of a name. */
  constructor(storeFolder: string, keyOf: (name: string) => Uint8Array) {
    this.#folder = path.join(storeFolder, FOLDER)
    this.#keyOf = keyOf
  }

  /** The content, or undefined where nothing was written. Throws `STORE_DAMAGED`, `STORE_VERSION_UNKNOWN`. */
  async read(name: string): Promise<Uint8Array | undefined> {
    const file = await fs.readFile(this.#pathOf(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return file && openSealedFile(name, this.#keyOf(name), file)
  }

  /** Puts this content in place of what is there; a crash leaves the one or the other. */
  write(name: string, content: Uint8Array): Promise<void> {
    const file = this.#pathOf(name)
    const sealed = sealFile(name, this.#keyOf(name), content)
    const writing = this.#writing.then(async () => {
      await this.#make()
      await replaceFile(file, sealed)
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async #make(): Promise<void> {
    const made = await fs.mkdir(this.#folder, { mode: 0o700 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    })
    if (made !== false) await syncFolder(path.dirname(this.#folder))
  }

  #pathOf(name: string): string {
    return path.join(this.#folder, name)
  }
}

/** Throws a TypeError for what is no name of a sealed file, as any that leads elsewhere. */
export function assertSealedName(name: string): void {
  if (typeof name === 'string' && /^[a-z-]{1,32}$/.test(name)) return
  throw new TypeError('the name of a sealed file is 1 to 32 of a–z and -')
}

/** The bytes of a sealed file. */
export function sealFile(name: string, key: Uint8Array, content: Uint8Array): Uint8Array {
  const head = b4a.concat([MAGIC, b4a.from([VERSION])])
  return b4a.concat([head, sealSecret(key, content, b4a.concat([head, b4a.from(name)]))])
}

/** The content of a sealed file. Throws `STORE_DAMAGED`, `STORE_VERSION_UNKNOWN`. */
export function openSealedFile(name: string, key: Uint8Array, file: Uint8Array): Uint8Array {
  const head = file.subarray(0, HEAD_BYTES)
  const isOurs = head.byteLength === HEAD_BYTES && b4a.equals(head.subarray(0, 4), MAGIC)
  if (isOurs && head[4] !== VERSION) {
    throw logError(
      'STORE_VERSION_UNKNOWN',
      `the file ${name} of the store has format version ${head[4]}, this program knows ${VERSION}; use a newer one`,
    )
  }
  const associated = b4a.concat([head, b4a.from(name)])
  const content = isOurs ? openSecret(key, file.subarray(HEAD_BYTES), associated) : undefined
  if (content !== undefined) return content
  throw logError(
    'STORE_DAMAGED',
    `the file ${name} of the store does not open; delete it: what it kept is made anew`,
  )
}
