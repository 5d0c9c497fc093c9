/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import { coded } from './storage-errors.ts'

// Leaves of the Merkle tree that are read at once, some tens of bytes each.
const WINDOW = 4096

/** Whether every block of the log's length is here. */
export function isWhole({ core, length }: Hypercore): boolean {
  return core.bitfield.firstUnset(0) >= length
}

/** Bytes of the blocks that are here. Where some are missing, the leaves of the Merkle tree tell the sizes. */
export async function heldBytes(core: Hypercore): Promise<number> {
  const { bitfield } = core.core
  if (isWhole(core)) return core.byteLength
  let bytes = 0
  for (let from = 0; from < core.length; from += WINDOW) {
    const read = core.state.storage.read()
    const leaves: Promise<{ size: number } | null>[] = []
    for (let index = from; index < Math.min(from + WINDOW, core.length); index++) {
      if (bitfield.get(index)) leaves.push(read.getTreeNode(2 * index))
    }
    read.tryFlush()
    for (const leaf of await coded(() => Promise.all(leaves))) bytes += leaf?.size ?? 0
  }
  return bytes
}
