import path from 'node:path'
import { Minimatch } from 'minimatch'
import { invalidType } from './argument.ts'
import { Dirent } from './dirent.ts'
import type { Drive } from './drive.ts'
import { hasCode } from './errno-error.ts'
import { type Listed, list } from './listing.ts'

/** Options of `glob`, as Node has them. */
export interface GlobOptions {
  /** Where patterns begin that have no slash at theirs; default the root. */
  readonly cwd: string
  /** Names that are left out, with all below them: patterns, or a function that says so. */
  readonly exclude: readonly string[] | ((found: string | Dirent) => boolean)
  readonly withFileTypes: boolean
}

interface Search {
  readonly patterns: readonly Minimatch[]
  readonly isExcluded: (name: string, entry: Listed) => boolean
}

/** The names that match one of the patterns; links are not followed. */
export async function* globNames(
  drive: Drive,
  pattern: string | readonly string[],
  { cwd = '/', exclude = [], withFileTypes = false }: Partial<GlobOptions>,
): AsyncGenerator<string | Dirent, void, undefined> {
  const all = typeof pattern === 'string' ? [pattern] : pattern
  if (!Array.isArray(all) || all.some((one) => typeof one !== 'string')) {
    throw invalidType('patterns', 'of type string or an instance of Array', pattern)
  }
  const left = typeof exclude === 'function' ? [] : exclude.map(matcher)
  const isExcluded = (name: string, entry: Listed) => {
    if (typeof exclude !== 'function') return left.some((one) => one.match(name))
    return exclude(withFileTypes ? direntOf(entry) : name)
  }
  for (const root of ['', '/']) {
    const patterns = all.filter((one) => one.startsWith('/') === (root === '/')).map(matcher)
    if (patterns.length === 0) continue
    const from = root === '/' ? '/' : cwd
    for await (const [name, entry] of below(drive, from, root, { patterns, isExcluded })) {
      yield withFileTypes ? direntOf(entry) : name
    }
  }
}

async function* below(
  drive: Drive,
  directory: string,
  prefix: string,
  search: Search,
): AsyncGenerator<readonly [string, Listed], void, undefined> {
  for (const entry of await entriesOf(drive, directory)) {
    const name = `${prefix}${entry.name}`
    if (search.isExcluded(name, entry)) continue
    if (search.patterns.some((pattern) => pattern.match(name))) yield [name, entry]
    if (!direntOf(entry).isDirectory()) continue
    if (!search.patterns.some((pattern) => pattern.match(name, true))) continue
    yield* below(drive, path.posix.join(directory, entry.name), `${name}/`, search)
  }
}

async function entriesOf(drive: Drive, directory: string): Promise<Listed[]> {
  try {
    return await list(drive, directory, {
      recursive: false,
      call: { syscall: 'scandir', path: directory },
    })
  } catch (error) {
    // Where nothing is, nothing matches.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

function direntOf({ name, parentPath, mode }: Listed): Dirent {
  return new Dirent(name, parentPath, mode)
}

function matcher(pattern: string): Minimatch {
  return new Minimatch(pattern, { nonegate: true, nocomment: true, platform: 'linux' })
}
