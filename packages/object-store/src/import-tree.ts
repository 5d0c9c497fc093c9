import { concurrently, type WaitOptions } from '@datagram/stream'
import { type AionPoint, encodeAionPoint } from './aion-point.ts'
import { BlobIntake } from './blob-intake.ts'
import type { BlobStore } from './blob-store.ts'
import { assertEntryName, compareNames } from './entry-name.ts'
import { assertSame, fileContent, isGone, treeChanged } from './file-content.ts'
import { type BlobId, ContentHash, idOfContent, type NamedHash, namedHashOf } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'
import { pathedFs, type PathedFs, type TreeFs, type TreeStats } from './tree-fs.ts'

/** How far an import is. */
export interface TreeProgress {
  readonly files: number
  readonly directories: number
  /** Links, and whatever else is neither file nor directory: their names are kept, nothing else. */
  readonly indefinite: number
  /** Bytes of the files' contents. */
  readonly bytes: number
}

/** Options of an import. `timeoutMs` bounds each wait for an earlier write. */
export interface ImportTreeOptions extends WaitOptions {
  /** What the tree is called; default the last part of its path. */
  readonly name?: string | undefined
  /** Where it is read from; default `node:fs/promises`. */
  readonly fs?: TreeFs | undefined
  readonly onProgress?: ((progress: TreeProgress) => void) | undefined
}

// Files that are being read at a time.
const FILES_AT_ONCE = 32

interface Entry {
  readonly at: string
  readonly name: string
  /** Directories on the way to it, by device and inode. */
  readonly within: ReadonlySet<string>
}

/** Stores the Aion points and the contents of a tree of files; see `Objects.importTree`. */
export async function importTree(
  blobs: BlobStore,
  at: string,
  { name, fs, onProgress, ...wait }: ImportTreeOptions = {},
): Promise<NamedHash> {
  const pathed = pathedFs(fs)
  const intake = new BlobIntake(blobs, wait)
  const run = new TreeImport(pathed, intake, { signal: wait.signal, onProgress })
  try {
    const root = { at, name: name ?? pathed.paths.basename(pathed.paths.resolve(at)) }
    const namedHash = await run.root(root)
    await intake.finish()
    return namedHash
  } catch (error) {
    await intake.abandon()
    throw error
  }
}

class TreeImport {
  readonly #fs: TreeFs
  readonly #paths: PathedFs['paths']
  readonly #intake: BlobIntake
  readonly #options: Pick<ImportTreeOptions, 'signal' | 'onProgress'>
  readonly #progress = { files: 0, directories: 0, indefinite: 0, bytes: 0 }

  constructor(
    { fs, paths }: PathedFs,
    intake: BlobIntake,
    options: Pick<ImportTreeOptions, 'signal' | 'onProgress'>,
  ) {
    this.#fs = fs
    this.#paths = paths
    this.#intake = intake
    this.#options = options
  }

  /** The one path that is the caller's own: a link there is followed. */
  async root(root: Pick<Entry, 'at' | 'name'>): Promise<NamedHash> {
    assertEntryName(root.name)
    const stats = await this.#fs.stat(root.at)
    const entry = { ...root, within: new Set<string>() }
    if (stats.isDirectory()) return this.#directory(entry, stats)
    return stats.isFile() ? this.#file(entry, 'r') : this.#indefinite(entry)
  }

  async #directory({ at, name, within }: Entry, before: TreeStats): Promise<NamedHash> {
    const inside = withinDirectory(within, before, at)
    const found = [...(await this.#ofTree(at, this.#fs.readdir(at, { withFileTypes: true })))]
    for (const each of found) assertEntryName(each.name)
    found.sort((a, b) => compareNames(a.name, b.name))
    const items = new Array<NamedHash>(found.length)
    const entries = found.map((each, i) => {
      const entry: Entry = { at: this.#paths.join(at, each.name), name: each.name, within: inside }
      return { ...entry, i, isFile: each.isFile(), isDirectory: each.isDirectory() }
    })
    const plain = entries.filter(({ isDirectory }) => !isDirectory)
    await concurrently(plain, FILES_AT_ONCE, async (entry) => {
      items[entry.i] = await (entry.isFile ? this.#file(entry) : this.#indefinite(entry))
    })
    // One after another, so that the files under way are bounded, however deep the tree is.
    for (const entry of entries) {
      if (!entry.isDirectory) continue
      const stats = await this.#ofTree(entry.at, this.#fs.lstat(entry.at))
      if (!stats.isDirectory()) throw treeChanged(entry.at)
      items[entry.i] = await this.#directory(entry, stats)
    }
    assertSame(before, await this.#ofTree(at, this.#fs.stat(at)), at)
    return this.#point({ aionType: 'directory', name, items }, 'directories')
  }

  async #file({ at, name }: Entry, flags?: string): Promise<NamedHash> {
    const parts: BlobId[] = []
    let size = 0
    let first: Uint8Array | undefined
    let whole: ContentHash | undefined
    for await (const part of fileContent(this.#fs, at, flags)) {
      size += part.byteLength
      if (first === undefined) first = part
      else {
        whole ??= new ContentHash().update(first)
        whole.update(part)
      }
      parts.push(await this.#intake.add(part))
    }
    const id = whole?.id() ?? parts[0] ?? idOfContent(new Uint8Array(0))
    this.#progress.bytes += size
    const file = { size, hash: namedHashOf(id), parts: parts.map(namedHashOf) }
    return this.#point({ aionType: 'file', name, ...file }, 'files')
  }

  #indefinite({ name }: Entry): Promise<NamedHash> {
    return this.#point({ aionType: 'indefinite', name }, 'indefinite')
  }

  async #point(
    point: AionPoint,
    count: 'files' | 'directories' | 'indefinite',
  ): Promise<NamedHash> {
    this.#options.signal?.throwIfAborted()
    const id = await this.#intake.add(encodeAionPoint(point))
    this.#progress[count]++
    this.#options.onProgress?.({ ...this.#progress })
    return namedHashOf(id)
  }

  // What was there a moment ago and is not, or is something else.
  async #ofTree<T>(at: string, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (cause) {
      throw isGone(cause) ? treeChanged(at, cause) : cause
    }
  }
}

function withinDirectory(
  within: ReadonlySet<string>,
  { dev, ino }: TreeStats,
  at: string,
): ReadonlySet<string> {
  const place = `${dev}:${ino}`
  if (!within.has(place)) return new Set([...within, place])
  throw objectStoreError(
    'TREE_CYCLE',
    `${at} is a directory that it lies in itself; take it out of the tree, or import what is below it`,
    { details: { path: at } },
  )
}
