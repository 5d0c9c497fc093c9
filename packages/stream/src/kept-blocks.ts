import type { Block, ReadableLog, WaitOptions } from '@datagram/log-core'
import type { DroppedBlocks } from './dropped-blocks.ts'
import { standFor } from './moved-frame.ts'

/** What reading frames and bodies needs of a data log. */
export interface BlockReader extends Pick<ReadableLog, 'length' | 'getBlock' | 'getBlocks'> {
  /** Whether nothing is left of a block; absent: never. */
  isGone?(index: number): boolean
}

/** A data log as it reads: where something of a frame was forgotten, what stands for it is read. */
export class KeptBlocks implements BlockReader {
  readonly #log: ReadableLog
  readonly #dropped: DroppedBlocks

  constructor(log: ReadableLog, dropped: DroppedBlocks) {
    this.#log = log
    this.#dropped = dropped
  }

  get length(): number {
    return this.#log.length
  }

  isGone(index: number): boolean {
    return this.#dropped.isGone(index)
  }

  async getBlock(index: number, wait?: WaitOptions): Promise<Block> {
    if (!this.#dropped.moved.has(index)) return this.#log.getBlock(index, wait)
    const [block] = await this.getBlocks([index], wait)
    return block as Block
  }

  async getBlocks(indexes: readonly number[], wait?: WaitOptions): Promise<Block[]> {
    const { moved } = this.#dropped
    if (moved.size === 0) return this.#log.getBlocks(indexes, wait)
    const actual = await Promise.all(indexes.map((index) => this.#placeOf(index)))
    const blocks = await this.#log.getBlocks(actual, wait)
    return blocks.map((block, i) => {
      const index = indexes[i] as number
      return block.index === index ? block : standFor(index, block)
    })
  }

  // A replica may have a frame that moved, and not yet what stands for it.
  async #placeOf(index: number): Promise<number> {
    const moved = this.#dropped.moved.get(index)
    if (moved === undefined) return index
    const isOnlyOld = (await this.#log.has(index)) && !(await this.#log.has(moved))
    return isOnlyOld ? index : moved
  }
}
