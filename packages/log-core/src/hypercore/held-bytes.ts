/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { BlockRange } from '../log.ts'
import { coded } from './storage-errors.ts'

// Leaves of the Merkle tree that are read at once, some tens of bytes each.
const WINDOW = 4096

/** Whether every block of the log's length is here. */
export function isWhole({ core, length }: Hypercore): boolean {
  return core.bitfield.firstUnset(0) >= length
}

/** Bytes of the blocks of some ranges that are here. The leaves of the Merkle tree tell the sizes. */
export async function heldBytes(
  core: Hypercore,
  ranges: readonly BlockRange[] = [{ start: 0, end: core.length }],
): Promise<number> {
  const { bitfield } = core.core
  const [first] = ranges
  if (first?.start === 0 && first.end === core.length && isWhole(core)) return core.byteLength
  let bytes = 0
  for (const { start, end } of ranges) {
    const last = Math.min(end, core.length)
    for (let from = start; from < last; from += WINDOW) {
      const read = core.state.storage.read()
      const leaves: Promise<{ size: number } | null>[] = []
      for (let index = from; index < Math.min(from + WINDOW, last); index++) {
        if (bitfield.get(index)) leaves.push(read.getTreeNode(2 * index))
      }
      read.tryFlush()
      for (const leaf of await coded(() => Promise.all(leaves))) bytes += leaf?.size ?? 0
    }
  }
  return bytes
}
