import type { Block, ReadableLog, WaitOptions } from '@datagram/log-core'
import type { DropList } from './drop-list.ts'
import { standFor } from './moved-frame.ts'

/** What reading frames and bodies needs of a data log. */
export interface BlockReader extends Pick<ReadableLog, 'length' | 'getBlock' | 'getBlocks'> {
  /** Whether nothing is left of a block, as far as is {@link known}; absent: never. */
  isGone?(index: number): boolean
  /** Resolves when it is known what is gone from the block `from` on. */
  known?(from: number, wait?: WaitOptions): Promise<void>
}

/** A data log as it reads: where something of a frame was forgotten, what stands for it is read. */
export class KeptBlocks implements BlockReader {
  readonly #log: ReadableLog
  readonly #drops: DropList

  constructor(log: ReadableLog, drops: DropList) {
    this.#log = log
    this.#drops = drops
  }

  get length(): number {
    return this.#log.length
  }

  isGone(index: number): boolean {
    return this.#drops.blocks.isGone(index)
  }

  known(from: number, wait?: WaitOptions): Promise<void> {
    return this.#drops.known(from, wait)
  }

  async getBlock(index: number, wait?: WaitOptions): Promise<Block> {
    if (!this.#drops.isKnown(index)) await this.known(index, wait)
    if (!this.#drops.blocks.moved.has(index)) return this.#log.getBlock(index, wait)
    const [block] = await this.getBlocks([index], wait)
    return block as Block
  }

  async getBlocks(indexes: readonly number[], wait?: WaitOptions): Promise<Block[]> {
    const first = Math.min(...indexes)
    if (!this.#drops.isKnown(first)) await this.known(first, wait)
    const { moved } = this.#drops.blocks
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
    const moved = this.#drops.blocks.moved.get(index)
    if (moved === undefined) return index
    const isOnlyOld = (await this.#log.has(index)) && !(await this.#log.has(moved))
    return isOnlyOld ? index : moved
  }
}
