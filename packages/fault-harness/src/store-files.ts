import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/**
 * What a file in a store is, by its name: the parts of RocksDB (`db/`), the lock and identity of the
 * store (`CORESTORE`), or else the file's own name, as for a key file or a file of marks.
 */
export type StoreFileKind =
  | 'wal'
  | 'table'
  | 'blob'
  | 'manifest'
  | 'options'
  | 'current'
  | 'identity'
  | 'engine-lock'
  | 'info-log'
  | 'corestore'
  | (string & {})

export interface StoreFile {
  /** Relative to the store's folder, with `/`. */
  readonly name: string
  readonly path: string
  readonly kind: StoreFileKind
  readonly bytes: number
}

// File names of RocksDB: https://github.com/facebook/rocksdb/blob/main/file/filename.cc
const kinds: readonly (readonly [RegExp, StoreFileKind])[] = [
  [/\.log$/, 'wal'],
  [/\.sst$/, 'table'],
  [/\.blob$/, 'blob'],
  [/^MANIFEST-\d+$/, 'manifest'],
  [/^OPTIONS-\d+$/, 'options'],
  [/^CURRENT$/, 'current'],
  [/^IDENTITY$/, 'identity'],
  [/^LOCK$/, 'engine-lock'],
  [/^LOG(\.old\.\d+)?$/, 'info-log'],
  [/^CORESTORE$/, 'corestore'],
]

/** Every file of a store, sorted by name. */
export async function storeFiles(folder: string): Promise<StoreFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: StoreFile[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split('\\').join('/')
    files.push({ name, path, kind: kindOf(entry.name), bytes: (await lstat(path)).size })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function kindOf(name: string): StoreFileKind {
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? name
}
