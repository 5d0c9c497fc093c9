import type { OrderedReader } from '@datagram/indexer'
import { blockKey, blockOfKey } from './block-key.ts'

/*
 * Frames that say that something is to be forgotten, while that is not done: in key space 0, one entry for each.
 * What it is stands in the frame alone, which is forgotten with it.
 *
 *   key     offset  size  field
 *           0       1     0, key space of the stream itself
 *           1       1     19, to be forgotten
 *           2       6     block of the frame, big endian
 *   value   none
 */
const PENDING = 19

/** Bounds of the entries in the index. */
const pendingBounds = {
  gte: new Uint8Array([0, PENDING]),
  lt: new Uint8Array([0, PENDING + 1]),
} as const

/** The index key of the entry for the frame in `block`. */
export function pendingKey(block: number): Uint8Array {
  return blockKey(PENDING, block)
}

/** Whether an index key is of such an entry. */
export function isPendingKey(key: Uint8Array): boolean {
  return key[0] === 0 && key[1] === PENDING && blockOfKey(key) !== undefined
}

/** The blocks of the frames that say what is to be forgotten, and is not yet. */
export async function pendingBlocks(index: OrderedReader): Promise<number[]> {
  const blocks: number[] = []
  for await (const [key] of index.range(pendingBounds)) blocks.push(blockOfKey(key) as number)
  return blocks
}
