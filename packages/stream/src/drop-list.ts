import { isDatagramError } from '@datagram/errors'
import type { Index, IndexOperation } from '@datagram/indexer'
import { BlockSet, bounded, type Log, type WaitOptions } from '@datagram/log-core'
import { DroppedBlocks } from './dropped-blocks.ts'
import { readDropped, settleDropped, sweepForgotten } from './settle-dropped.ts'

/** What of a stream the list of its dropped blocks is read from, and carried out on. */
export interface DropListParts {
  readonly data: Log
  readonly indexLog: Log
  readonly index: Index
}

/**
 * What an open stream knows of its dropped blocks. The list lies in the index, so a reader far away pays round
 * trips for it, and it is read when it is first needed: before blocks of the data log are read, and by who may
 * have to drop something. Whoever fetches blocks that the index covers waits for {@link known} first.
 *
 * Invariant: what the index says in its blocks, up to `covers`, is about blocks below `covers` alone. So the
 * tail of the data log is read without the list.
 */
export class DropList {
  /** What is known by now; in a stream of one's own that is open, all of it. */
  readonly blocks = new DroppedBlocks()
  readonly #parts: DropListParts
  readonly #closing: AbortSignal
  // Up to which length of the data log the list is whole.
  #knownTo = -1
  // Up to which length the index was told of operations; beyond what it covers, it has them in memory.
  #applied = 0
  // What the list that is being read will be whole up to, and what came meanwhile.
  #underway: { to: number; readonly operations: IndexOperation[] } | undefined
  #reading: Promise<void> | undefined
  #isOutOfReach = false
  // Up to which length of the index log it was seen to that nothing forgotten is left in older runs and heads.
  #sweptTo = 0

  /** `closing` ends waits for what another call reads. */
  constructor(parts: DropListParts, closing: AbortSignal) {
    this.#parts = parts
    this.#closing = closing
  }

  /** Whether all is known that is dropped from the block `from` on. */
  isKnown(from: number): boolean {
    const { covers } = this.#parts.index
    return covers <= this.#knownTo || covers <= from
  }

  /** Takes note of what the index is told; what is told follows on what it was told before. */
  apply(operations: readonly IndexOperation[], position: number): void {
    const { covers } = this.#parts.index
    const underway = this.#underway
    if (covers <= this.#knownTo) this.#knownTo = position
    else if (underway !== undefined && covers <= underway.to) {
      underway.to = position
      underway.operations.push(...operations)
    }
    for (const operation of operations) this.blocks.apply(operation)
    this.#applied = position
  }

  /**
   * Resolves when all that is dropped from the block `from` on is known, dropped here, and never asked for
   * from now on. A replica goes without what is out of reach: it asks for too much at worst.
   */
  async known(from: number, wait: WaitOptions = {}): Promise<void> {
    while (!this.isKnown(from)) {
      if (this.#reading === undefined) {
        this.#reading = this.#read(wait).finally(() => {
          this.#reading = undefined
        })
        await this.#reading
      } else {
        // Whoever reads it may be called off; then it is for this one to read it.
        const read = this.#reading.catch(() => undefined)
        await bounded(read, 'reading what was dropped', wait, this.#closing)
      }
    }
  }

  /** Drops here what is dropped, where something may be here that is. */
  async settle(wait: WaitOptions): Promise<void> {
    // It may be within reach by now.
    if (this.#isOutOfReach) this.#knownTo = -1
    if (!this.isKnown(0) && this.#mayHaveDropped()) await this.known(0, wait)
    else await this.#settle()
  }

  async #read(wait: WaitOptions): Promise<void> {
    const { index } = this.#parts
    const underway = { to: Math.max(index.covers, this.#applied), operations: [] }
    this.#underway = underway
    try {
      await this.#readInto(wait)
      for (const operation of underway.operations) this.blocks.apply(operation)
      await this.#settle()
      this.#knownTo = underway.to
    } finally {
      this.#underway = undefined
    }
  }

  async #settle(): Promise<void> {
    const { data, index } = this.#parts
    await settleDropped(data, this.blocks)
    this.#sweptTo = await sweepForgotten(index, this.blocks, this.#sweptTo)
  }

  async #readInto(wait: WaitOptions): Promise<void> {
    const { data, index } = this.#parts
    this.#isOutOfReach = false
    try {
      await readDropped(index, this.blocks, wait)
    } catch (error) {
      if (data.writable || !isDatagramError(error, 'BLOCK_UNAVAILABLE')) throw error
      this.#isOutOfReach = true
    }
  }

  // A reader who has nothing below the newest state has nothing to drop. Superseded blocks of the index count:
  // there are keys and values in them.
  #mayHaveDropped(): boolean {
    const { data, indexLog, index } = this.#parts
    if (data.writable || data.here({ start: 1, end: index.covers }).length > 0) return true
    const live = new BlockSet([{ start: 0, end: 1 }, ...index.liveRanges()])
    const here = indexLog.here({ start: 0, end: indexLog.length })
    return here.some((range) => live.without(range).length > 0)
  }
}
