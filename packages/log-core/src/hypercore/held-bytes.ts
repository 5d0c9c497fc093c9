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

/** Bytes of the blocks of some ranges, here or elsewhere, as far as the part of the Merkle tree that is here tells. */
export async function treeBytes(core: Hypercore, ranges: readonly BlockRange[]): Promise<number> {
  let bytes = 0
  for (const { start, end } of ranges) {
    for (let at = start; at < end; ) {
      // The largest whole subtree that begins here and does not go beyond.
      let blocks = 1
      while (at % (2 * blocks) === 0 && at + 2 * blocks <= end) blocks *= 2
      bytes += await subtreeBytes(core, at, blocks)
      at += blocks
    }
  }
  return bytes
}

async function subtreeBytes(core: Hypercore, start: number, blocks: number): Promise<number> {
  const read = core.state.storage.read()
  const reading = read.getTreeNode(2 * start + blocks - 1)
  read.tryFlush()
  const node = await coded(() => reading)
  if (node !== null) return node.size
  const half = blocks / 2
  if (half < 1) return 0
  return (await subtreeBytes(core, start, half)) + (await subtreeBytes(core, start + half, half))
}
