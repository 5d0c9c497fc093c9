import { open, stat, truncate } from 'node:fs/promises'
import type { Random } from './random.ts'
import { type StoreFile, type StoreFileKind, storeFiles } from './store-files.ts'

/** A byte of a file, and the bits of it that flip. */
export interface FlipPlace {
  readonly file: StoreFile
  readonly offset: number
  /** XORed onto the byte; 1–255. */
  readonly mask: number
}

export interface FlipPlacesOptions {
  readonly random: Random
  /** At least so many, as far as there are bytes; default 200. */
  readonly count?: number
  /** Kinds to leave out; default none. */
  readonly except?: readonly StoreFileKind[]
}

/**
 * Places all over a store, one bit each: as many in every *kind* of file as in any other (a kind with
 * few bytes gives all that it has, and the others more), the first and the last byte of every file
 * among them. In an order that goes round the kinds.
 */
export async function flipPlaces(
  folder: string,
  { random, count = 200, except = [] }: FlipPlacesOptions,
): Promise<FlipPlace[]> {
  const byKind = new Map<StoreFileKind, FlipPlace[]>()
  for (const file of await storeFiles(folder)) {
    if (file.bytes === 0 || except.includes(file.kind)) continue
    const places = byKind.get(file.kind) ?? []
    byKind.set(file.kind, places)
    for (const offset of offsets(file.bytes, count, random)) {
      places.push({ file, offset, mask: 1 << random.between(0, 8) })
    }
  }
  // Edges come first within a file, so a shuffle is left to the bytes between them.
  const lists = [...byKind.values()]
  const chosen: FlipPlace[] = []
  for (let round = 0; chosen.length < count; round++) {
    const places = lists.flatMap((list) => list[round] ?? [])
    if (places.length === 0) break
    chosen.push(...places)
  }
  return chosen
}

function offsets(bytes: number, count: number, random: Random): Set<number> {
  const result = new Set([0, bytes - 1])
  for (let i = 0; i < count && result.size < bytes; i++) result.add(random.between(0, bytes))
  return result
}

/** Flips the bits of one place, in place (same inode, so that only the content tells). */
export async function flipByte({ file, offset, mask }: FlipPlace): Promise<void> {
  const handle = await open(file.path, 'r+')
  try {
    const byte = new Uint8Array(1)
    const { bytesRead } = await handle.read(byte, 0, 1, offset)
    if (bytesRead === 0) throw new RangeError(`${file.name} has no byte ${offset}`)
    byte[0] = (byte[0] as number) ^ mask
    await handle.write(byte, 0, 1, offset)
  } finally {
    await handle.close()
  }
}

/** Cuts a file to `bytes`; a number below zero counts from the end. Returns its new size. */
export async function truncateFile(path: string, bytes: number): Promise<number> {
  const { size } = await stat(path)
  const left = Math.max(0, Math.min(size, bytes < 0 ? size + bytes : bytes))
  await truncate(path, left)
  return left
}
