import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import { assertExpected, contentNotFound } from './content-check.ts'
import { ContentHash, idOf, isNamedHash, type NamedHash, parseNamedHash } from './named-hash.ts'
import { assertObjectSize, decodeObject } from './object-record.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'
import { pull, type PullOptions, type PullSummary, type PullTarget } from './pull.ts'
import { hasSystemCode, READ_FLAGS } from './tree-fs.ts'

/**
 * Where the files of a folder lie: `flat`, all side by side, or `sharded`, in directories named for the first
 * two and the next two hexadecimal digits of the hash, so that none has too many.
 */
export type FolderLayout = 'flat' | 'sharded'

/** Options of {@link openObjectFolder}. */
export interface ObjectFolderOptions {
  /** How new files are laid out; default `flat`. Files that are there are found in either layout. */
  readonly layout?: FolderLayout | undefined
}

const kinds = ['data', 'object'] as const
const shard = /^[0-9a-f]{2}$/

/**
 * Opens a folder of files named for their content, `<named hash>.data` and `<named hash>.object`, as DocNet
 * stores have them; makes it when it is not there. It can be pulled from, and pulls.
 */
export async function openObjectFolder(
  folder: string,
  { layout = 'flat' }: ObjectFolderOptions = {},
): Promise<ObjectFolder> {
  if (layout !== 'flat' && layout !== 'sharded') {
    throw new TypeError("layout is 'flat' or 'sharded'")
  }
  await fs.mkdir(folder, { recursive: true })
  return new ObjectFolder(folder, layout)
}

/** A folder of blobs and objects, each in a file of its own; see {@link openObjectFolder}. */
export class ObjectFolder implements ObjectSource, PullTarget {
  readonly #folder: string
  readonly #layout: FolderLayout

  constructor(folder: string, layout: FolderLayout) {
    this.#folder = folder
    this.#layout = layout
  }

  /** Every blob and object in the folder, blobs first. Other files are passed over, and links too. */
  async *contents({ signal }: WaitOptions = {}): AsyncGenerator<StoredContent, void, undefined> {
    for (const kind of kinds) {
      const seen = new Set<NamedHash>()
      for await (const name of namesBelow(this.#folder, 2)) {
        signal?.throwIfAborted()
        const namedHash = name.slice(0, -kind.length - 1)
        if (!name.endsWith(`.${kind}`) || !isNamedHash(namedHash) || seen.has(namedHash)) continue
        // In both layouts at once it would come twice.
        seen.add(namedHash)
        yield { namedHash, kind }
      }
    }
  }

  /** The bytes of a file; whoever pulls verifies them. Throws `BLOB_NOT_FOUND`. */
  async *streamBlob(
    namedHash: NamedHash,
    { signal }: WaitOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.#openAny(namedHash)
    try {
      for await (const piece of file.createReadStream({ autoClose: false })) {
        signal?.throwIfAborted()
        yield piece as Uint8Array
      }
    } finally {
      await file.close()
    }
  }

  /** As `Objects.pull`: brings what another store has into this folder. */
  async pull(from: ObjectSource, options?: PullOptions): Promise<PullSummary> {
    return pull(this, from, options)
  }

  async missing(contents: readonly StoredContent[]): Promise<readonly StoredContent[]> {
    const here = await Promise.all(
      contents.map(async ({ namedHash, kind }) => {
        if (!isNamedHash(namedHash)) return false
        const found = await Promise.all(this.#places(namedHash, kind).map(isPlainFile))
        return found.includes(true)
      }),
    )
    return contents.filter((_, i) => here[i] === false)
  }

  async take(
    { namedHash, kind }: StoredContent,
    bytes: AsyncIterable<Uint8Array>,
    { signal }: WaitOptions = {},
  ): Promise<number> {
    const expected = idOf(namedHash)
    const target = this.#place(namedHash, kind, this.#layout)
    await fs.mkdir(path.dirname(target), { recursive: true })
    // A file has its name only when it is whole, verified, and on the disk.
    const growing = path.join(this.#folder, `.${randomUUID()}.part`)
    const file = await fs.open(growing, 'wx')
    try {
      const { id, size, gathered } = await written(file, bytes, {
        gathers: kind === 'object',
        signal,
      })
      assertExpected(id, expected)
      if (kind === 'object') decodeObject(gathered)
      await file.datasync()
      await file.close()
      await fs.rename(growing, target)
      return size
    } catch (error) {
      await file.close()
      await fs.rm(growing, { force: true })
      throw error
    }
  }

  async #openAny(namedHash: NamedHash): Promise<fs.FileHandle> {
    for (const kind of kinds) {
      for (const at of this.#places(namedHash, kind)) {
        try {
          return await fs.open(at, READ_FLAGS)
        } catch (error) {
          if (!hasSystemCode(error, 'ENOENT', 'ENOTDIR')) throw error
        }
      }
    }
    throw contentNotFound(idOf(namedHash))
  }

  #places(namedHash: NamedHash, kind: StoredContent['kind']): readonly string[] {
    return (['flat', 'sharded'] as const).map((layout) => this.#place(namedHash, kind, layout))
  }

  #place(namedHash: NamedHash, kind: StoredContent['kind'], layout: FolderLayout): string {
    // Checked: nothing but letters, digits and a dash, so that it leads nowhere else.
    const { hex } = parseNamedHash(namedHash)
    const shards = layout === 'flat' ? [] : [hex.slice(0, 2), hex.slice(2, 4)]
    return path.join(this.#folder, ...shards, `${namedHash}.${kind}`)
  }
}

/** Writes what comes, and says what it was. */
async function written(
  file: fs.FileHandle,
  pieces: AsyncIterable<Uint8Array>,
  { gathers, signal }: { readonly gathers: boolean; readonly signal: AbortSignal | undefined },
) {
  const hash = new ContentHash()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    signal?.throwIfAborted()
    hash.update(piece)
    size += piece.byteLength
    if (gathers) {
      assertObjectSize(size)
      parts.push(piece)
    }
    await file.writeFile(piece)
  }
  return { id: hash.id(), size, gathered: b4a.concat(parts) }
}

/** Names of the plain files in a folder, and in the shards that it has. */
async function* namesBelow(folder: string, depth: number): AsyncGenerator<string, void, undefined> {
  for await (const entry of await fs.opendir(folder)) {
    if (entry.isFile()) yield entry.name
    else if (entry.isDirectory() && depth > 0 && shard.test(entry.name)) {
      yield* namesBelow(path.join(folder, entry.name), depth - 1)
    }
  }
}

async function isPlainFile(at: string): Promise<boolean> {
  try {
    return (await fs.lstat(at)).isFile()
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}
