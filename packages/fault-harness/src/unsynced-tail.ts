import { open, stat, truncate } from 'node:fs/promises'
import type { Random } from './random.ts'
import { type StoreFileKind, storeFiles } from './store-files.ts'

export interface UnsyncedTailOptions {
  /** Inode → bytes that are on the disk, as recorded by `recordSyncs`. Others: none are. */
  readonly synced: ReadonlyMap<number, number>
  /** The kinds of files that lose their tail; default the write-ahead log alone. */
  readonly kinds?: readonly StoreFileKind[]
  /**
   * Some of what was not synced may have reached the disk all the same. Given a generator, each file
   * is cut at a random byte of its unsynced part; without one, all of that part is lost.
   */
  readonly random?: Random
  /**
   * `cut` (default): the file ends there. `zeros`: it keeps its length but the tail reads as zeros, as
   * with file systems that write a file's length before its data.
   */
  readonly how?: 'cut' | 'zeros'
}

/** What one file lost. */
export interface LostTail {
  readonly name: string
  readonly bytesBefore: number
  readonly bytesKept: number
}

/**
 * The loss of power, as it looks to the next process: what was written to the write-ahead log but not
 * synced is gone. The store's process must be dead (a kill alone loses nothing of this: the operating
 * system has it). Returns what was lost, the files that lost nothing left out.
 */
export async function dropUnsyncedTail(
  folder: string,
  { synced, kinds = ['wal'], random, how = 'cut' }: UnsyncedTailOptions,
): Promise<LostTail[]> {
  const lost: LostTail[] = []
  for (const { name, path, kind } of await storeFiles(folder)) {
    if (!kinds.includes(kind)) continue
    const { ino, size } = await stat(path)
    const safe = Math.min(synced.get(ino) ?? 0, size)
    const kept = random === undefined ? safe : random.between(safe, size + 1)
    if (kept === size) continue
    await truncate(path, kept)
    if (how === 'zeros') await truncate(path, size)
    lost.push({ name, bytesBefore: size, bytesKept: kept })
  }
  return lost
}

/** Cuts the newest write-ahead log of a store to a length of the test's own choosing. */
export async function cutWriteAheadLog(
  folder: string,
  bytesKept: (bytes: Uint8Array) => number,
): Promise<LostTail> {
  const logs = (await storeFiles(folder)).filter(({ kind }) => kind === 'wal')
  const newest = logs.at(-1)
  if (newest === undefined) throw new Error(`there is no write-ahead log in ${folder}`)
  const file = await open(newest.path, 'r+')
  try {
    const kept = bytesKept(await file.readFile())
    await file.truncate(kept)
    return { name: newest.name, bytesBefore: newest.bytes, bytesKept: kept }
  } finally {
    await file.close()
  }
}
