import type { Block, BlockRange } from '@datagram/log-core'
import { DatagramError } from '@datagram/errors'
import { MemoryLog } from './memory-log.ts'

/**
 * A replica of a log in memory: it knows the length of its last `update`, fetches blocks from the
 * author while `online`, and keeps them. Counts what it fetches.
 */
export class ReplicaLog extends MemoryLog {
  readonly #author: MemoryLog
  override writable = false
  online = true
  /** Calls of getBlocks that fetched something and began while no other was under way. */
  rounds = 0
  blocksFetched = 0
  bytesFetched = 0
  /** Milliseconds that a fetch takes. */
  latencyMs = 0
  #underway = 0

  constructor(author: MemoryLog) {
    super()
    this.#author = author
  }

  override async update(): Promise<boolean> {
    const before = this.length
    if (this.online) this.blocks.length = this.#author.length
    return this.length > before
  }

  resetCounts(): void {
    this.rounds = 0
    this.blocksFetched = 0
    this.bytesFetched = 0
  }

  /** Resolves when nothing is being fetched, what a read has begun behind itself included. */
  async idle(): Promise<void> {
    await new Promise(setImmediate)
    while (this.#underway > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise(setImmediate)
  }

  override async reachable({ start, end }: BlockRange): Promise<BlockRange[]> {
    return this.rangesOf(start, end, (index) => {
      if (this.blocks[index] !== undefined) return true
      return this.online && this.#author.blocks[index] !== undefined
    })
  }

  override async getBlocks(indexes: readonly number[]): Promise<Block[]> {
    const missing = [...new Set(indexes)].filter((index) => this.blocks[index] === undefined)
    if (missing.length > 0) await this.#fetch(missing)
    return super.getBlocks(indexes)
  }

  async #fetch(indexes: readonly number[]): Promise<void> {
    if (this.#underway === 0) this.rounds += 1
    this.#underway += 1
    await new Promise((resolve) => setTimeout(resolve, this.latencyMs))
    this.#underway -= 1
    for (const index of indexes) {
      const block = this.online ? this.#author.blocks[index] : undefined
      if (block === undefined)
        throw new DatagramError('BLOCK_UNAVAILABLE', `block ${index} is nowhere`)
      this.blocks[index] = block
      this.blocksFetched += 1
      this.bytesFetched += block.payload.length
    }
  }
}
