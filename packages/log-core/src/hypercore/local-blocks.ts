/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import { coded } from './storage-errors.ts'

/**
 * Blocks that are on this machine, sealed; null for each that is not. One batch for all of them, straight
 * from hypercore's storage: `core.get` starts a batch a block, which costs several times as much.
 */
export function readLocalBlocks(
  core: Hypercore,
  indexes: readonly number[],
): Promise<(Uint8Array | null)[]> {
  return coded(() => {
    const read = core.state.storage.read()
    const blocks = indexes.map((index) => read.getBlock(index))
    read.tryFlush()
    return Promise.all(blocks)
  })
}

const WINDOW = 64

/**
 * The first block from `start` on that the log says is here and that is not; undefined when there is none.
 * The engine can open like that after a loss of power, when a later write reached the disk before an
 * earlier one.
 */
export async function firstHole(core: Hypercore, start: number): Promise<number | undefined> {
  for (let from = start; from < core.length; from += WINDOW) {
    const indexes: number[] = []
    for (let i = from; i < Math.min(from + WINDOW, core.length); i++) {
      if (core.core.bitfield.get(i)) indexes.push(i)
    }
    const blocks = await readLocalBlocks(core, indexes)
    const missing = blocks.indexOf(null)
    if (missing !== -1) return indexes[missing]
  }
  return undefined
}
