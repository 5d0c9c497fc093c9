import path from 'node:path'
import { Dirent } from './dirent.ts'
import type { Drive } from './drive.ts'
import { type Call, errnoError } from './errno-error.ts'
import { isDirectory } from './inode.ts'
import type { NamedEntry, Tree } from './tree.ts'

/** An entry of a directory or of one below it. */
export interface Listed extends NamedEntry {
  /** Path of its directory: the path that was asked for, and what is between. */
  readonly parentPath: string
  /** Path from the directory that was asked for. */
  readonly relativePath: string
}

/** The entries of a directory, and with `recursive` of all below it; symbolic links are not followed. */
export function list(
  drive: Drive,
  directory: string,
  { recursive, call }: { readonly recursive: boolean; readonly call: Call },
): Promise<Listed[]> {
  return drive.read(async (tree) => {
    const { entry } = await drive.find(tree, directory, call)
    if (!isDirectory(entry)) throw errnoError('ENOTDIR', call)
    const listed: Listed[] = []
    const pending = [{ ino: entry.ino, parentPath: directory, prefix: '' }]
    for (let at = 0; at < pending.length; at++) {
      const { ino, parentPath, prefix } = pending[at] as (typeof pending)[number]
      for (const found of await entriesOf(tree, ino)) {
        const relativePath = prefix === '' ? found.name : `${prefix}/${found.name}`
        listed.push({ ...found, parentPath, relativePath })
        if (!recursive || !isDirectory(found)) continue
        const below = path.posix.join(parentPath, found.name)
        pending.push({ ino: found.ino, parentPath: below, prefix: relativePath })
      }
    }
    return listed
  })
}

async function entriesOf(tree: Tree, directory: number): Promise<NamedEntry[]> {
  const entries: NamedEntry[] = []
  for await (const entry of tree.entries(directory)) entries.push(entry)
  return entries
}

/** Text as an encoding of Node has it: a string, or with `buffer` a Buffer. */
export function encoded(text: string, encoding: BufferEncoding | 'buffer'): string | Buffer {
  if (encoding === 'utf8' || encoding === 'utf-8') return text
  const bytes = Buffer.from(text)
  return encoding === 'buffer' ? bytes : bytes.toString(encoding)
}

/** The directory entries of a listing. */
export function direntsOf(
  listed: readonly Listed[],
  encoding: BufferEncoding | 'buffer',
): Dirent<string | Buffer>[] {
  return listed.map(
    ({ name, parentPath, mode }) => new Dirent(encoded(name, encoding), parentPath, mode),
  )
}
