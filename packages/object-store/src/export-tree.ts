import { randomUUID } from 'node:crypto'
import { concurrently, type WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import {
  AION_BYTES_MAX,
  type AionFile,
  aionMalformed,
  type AionPoint,
  decodeAionPoint,
} from './aion-point.ts'
import { contentNotFound } from './content-check.ts'
import { type BlobId, ContentHash, idOf, type NamedHash } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'
import { hasSystemCode, pathedFs, type PathedFs, type TreeFs } from './tree-fs.ts'

/** Options of an export. `timeoutMs` bounds each wait for a blob that is not on this machine. */
export interface ExportTreeOptions extends WaitOptions {
  /** Where it is written to; default `node:fs/promises`. */
  readonly fs?: TreeFs | undefined
}

/** Where blobs are read: verified, and undefined when they are not here. */
export interface BlobReader {
  get(
    id: BlobId,
    options?: WaitOptions & { readonly end?: number },
  ): Promise<Uint8Array | undefined>
}

// Entries of one directory that are read ahead, and files that are written, at a time.
const ENTRIES_AT_ONCE = 32
// Far more than a tree of files has; a few small blobs can name one another to make endlessly many.
const ENTRIES_MAX = 10_000_000

/**
 * Writes a tree of files into a folder under its own name; see `Objects.exportTree`. It grows in a new directory
 * that nobody else can enter, so that there is nothing in its way, no link above all, and takes its place when
 * it is whole.
 */
export async function exportTree(
  blobs: BlobReader,
  namedHash: NamedHash,
  folder: string,
  { fs: given, ...wait }: ExportTreeOptions = {},
): Promise<string> {
  const { fs, paths } = pathedFs(given)
  const run = new TreeExport(blobs, { fs, paths }, wait)
  const root = await run.read(namedHash)
  await fs.mkdir(folder, { recursive: true })
  const target = paths.join(folder, root.name)
  await assertFree(fs, target)
  const growing = paths.join(folder, `.datagram-${randomUUID()}`)
  await fs.mkdir(growing, { mode: 0o700 })
  try {
    await run.write(root, growing, new Set([namedHash]))
    await assertFree(fs, target)
    await fs.rename(paths.join(growing, root.name), target)
  } finally {
    await fs.rm(growing, { recursive: true, force: true })
  }
  return target
}

class TreeExport {
  readonly #blobs: BlobReader
  readonly #fs: TreeFs
  readonly #paths: PathedFs['paths']
  readonly #wait: WaitOptions
  #entries = 0

  constructor(blobs: BlobReader, { fs, paths }: PathedFs, wait: WaitOptions) {
    this.#blobs = blobs
    this.#fs = fs
    this.#paths = paths
    this.#wait = wait
  }

  async read(namedHash: NamedHash): Promise<AionPoint> {
    const id = idOf(namedHash)
    const bytes = await this.#blobs.get(id, { ...this.#wait, end: AION_BYTES_MAX + 1 })
    if (bytes === undefined) throw contentNotFound(id)
    if (bytes.byteLength > AION_BYTES_MAX) throw aionMalformed('it is too large')
    return decodeAionPoint(bytes)
  }

  /** `within`: the Aion points on the way to it, and its own. */
  async write(point: AionPoint, folder: string, within: ReadonlySet<NamedHash>): Promise<void> {
    this.#wait.signal?.throwIfAborted()
    if (++this.#entries > ENTRIES_MAX) throw aionMalformed('there is no end to what is in it')
    // The name was checked when the point was read: it leads nowhere else.
    const at = this.#paths.join(folder, point.name)
    if (point.aionType === 'file') return this.#writeFile(point, at)
    if (point.aionType === 'indefinite') return
    await this.#claim(at, () => this.#fs.mkdir(at))
    const inner: { readonly item: NamedHash; readonly point: AionPoint }[] = []
    const names = new Set<string>()
    await concurrently(point.items, ENTRIES_AT_ONCE, async (item) => {
      if (within.has(item)) throw cycle(item)
      const child = await this.read(item)
      if (names.has(child.name)) throw aionMalformed(`it has ${child.name} twice`)
      names.add(child.name)
      if (child.aionType === 'directory') inner.push({ item, point: child })
      else await this.write(child, at, within)
    })
    for (const { item, point: child } of inner) {
      await this.write(child, at, new Set([...within, item]))
    }
  }

  async #writeFile({ size, hash, parts }: AionFile, at: string): Promise<void> {
    const file = await this.#claim(at, () => this.#fs.open(at, 'wx'))
    try {
      const whole = new ContentHash()
      let bytes = 0
      for (const part of parts) {
        this.#wait.signal?.throwIfAborted()
        const id = idOf(part)
        const content = await this.#blobs.get(id, this.#wait)
        if (content === undefined) throw contentNotFound(id)
        bytes += content.byteLength
        if (parts.length > 1) whole.update(content)
        await file.writeFile(content)
      }
      const id = parts.length === 1 ? idOf(parts[0] as NamedHash) : whole.id()
      if (bytes !== size || !b4a.equals(id, idOf(hash))) {
        throw aionMalformed('its parts are not the content that it promises')
      }
    } finally {
      await file.close()
    }
  }

  // Two names that one file system does not tell apart, such as a and A.
  async #claim<T>(at: string, make: () => Promise<T>): Promise<T> {
    try {
      return await make()
    } catch (cause) {
      throw hasSystemCode(cause, 'EEXIST') ? targetExists(at, cause) : cause
    }
  }
}

async function assertFree(fs: TreeFs, target: string): Promise<void> {
  try {
    await fs.lstat(target)
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return
    throw error
  }
  throw targetExists(target)
}

function targetExists(target: string, cause?: unknown): Error {
  return objectStoreError(
    'TREE_TARGET_EXISTS',
    `${target} is there already, and an export writes over nothing; move it away, or export into another folder`,
    { cause, details: { path: target } },
  )
}

function cycle(namedHash: NamedHash): Error {
  return objectStoreError(
    'TREE_CYCLE',
    `the directory ${namedHash} lies in itself; import the tree again where it came from`,
    { details: { namedHash } },
  )
}
