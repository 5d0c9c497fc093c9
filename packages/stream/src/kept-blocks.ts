import type { Block, ReadableLog, WaitOptions } from '@datagram/log-core'
import type { DropList } from './drop-list.ts'
import type { ForgottenAlone } from './forgotten-alone.ts'
import { bodyAt } from './frame-body.ts'
import { standFor } from './moved-frame.ts'
import type { Place } from './place.ts'
import { streamError } from './stream-errors.ts'

/** What reading frames and bodies needs of a data log. */
export interface BlockReader extends Pick<ReadableLog, 'length' | 'getBlock' | 'getBlocks'> {
  /** Whether nothing is left of a block, as far as is {@link known}; absent: never. */
  isGone?(index: number): boolean
  /** Resolves when it is known what is gone from the block `from` on. */
  known?(from: number, wait?: WaitOptions): Promise<void>
  /** Throws when what lies in a frame is not there any more, though the index points at it. */
  assertHas?(place: Place, payload: Uint8Array): void
}

/** A data log as it reads: where something of a frame was forgotten, what stands for it is read. */
export class KeptBlocks implements BlockReader {
  readonly #log: ReadableLog
  readonly #drops: DropList
  readonly #alone: ForgottenAlone | undefined

  constructor(log: ReadableLog, drops: DropList, alone: ForgottenAlone | undefined) {
    this.#log = log
    this.#drops = drops
    this.#alone = alone
  }

  get length(): number {
    return this.#log.length
  }

  isGone(index: number): boolean {
    return this.#drops.blocks.isGone(index) || this.#isGoneAlone(index)
  }

  /** Throws `FORGOTTEN_HERE` when what lies in a frame was forgotten on this machine alone. */
  assertHas(place: Place, payload: Uint8Array): void {
    if (this.#alone?.hasLeft(place.block) !== true || bodyAt(payload, place)) return
    throw forgottenAlone(place.block)
  }

  known(from: number, wait?: WaitOptions): Promise<void> {
    return this.#drops.known(from, wait)
  }

  async getBlock(index: number, wait?: WaitOptions): Promise<Block> {
    if (!this.#drops.isKnown(index)) await this.known(index, wait)
    const isElsewhere = this.#drops.blocks.moved.has(index) || this.#alone?.has(index) === true
    if (!isElsewhere) return this.#log.getBlock(index, wait)
    const [block] = await this.getBlocks([index], wait)
    return block as Block
  }

  async getBlocks(indexes: readonly number[], wait?: WaitOptions): Promise<Block[]> {
    const first = Math.min(...indexes)
    if (!this.#drops.isKnown(first)) await this.known(first, wait)
    const alone = this.#alone
    if (alone === undefined || alone.ranges.length === 0) return this.#kept(indexes, wait)
    const gone = indexes.find((index) => this.#isGoneAlone(index))
    if (gone !== undefined) throw forgottenAlone(gone)
    const others = indexes.filter((index) => !alone.hasLeft(index))
    const read = (await this.#kept(others, wait)).values()
    return Promise.all(
      indexes.map((index) =>
        alone.hasLeft(index) ? alone.left(index) : (read.next().value as Block),
      ),
    )
  }

  async #kept(indexes: readonly number[], wait?: WaitOptions): Promise<Block[]> {
    const { moved } = this.#drops.blocks
    if (moved.size === 0) return this.#log.getBlocks(indexes, wait)
    const actual = await Promise.all(indexes.map((index) => this.#placeOf(index)))
    const blocks = await this.#log.getBlocks(actual, wait)
    return blocks.map((block, i) => {
      const index = indexes[i] as number
      return block.index === index ? block : standFor(index, block)
    })
  }

  #isGoneAlone(index: number): boolean {
    return this.#alone?.has(index) === true && !this.#alone.hasLeft(index)
  }

  // A replica may have a frame that moved, and not yet what stands for it.
  async #placeOf(index: number): Promise<number> {
    const moved = this.#drops.blocks.moved.get(index)
    if (moved === undefined) return index
    const isOnlyOld = (await this.#log.has(index)) && !(await this.#log.has(moved))
    return isOnlyOld ? index : moved
  }
}

function forgottenAlone(block: number): Error {
  return streamError(
    'FORGOTTEN_HERE',
    'it was forgotten on this machine, though its author has it still; refetch it to have it again',
    { details: { block } },
  )
}
