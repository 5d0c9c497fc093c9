/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import { BlockSet } from '../block-set.ts'
import type { BlockRange } from '../log.ts'
import { logError } from '../log-errors.ts'
import { reachStep } from '../steps.ts'
import { coded } from './storage-errors.ts'

/** Drops blocks of a log from this machine, and remembers those that are not to be fetched again. */
export class ForgottenBlocks {
  readonly #core: Hypercore
  readonly #set = new BlockSet()

  constructor(core: Hypercore) {
    this.#core = core
  }

  get ranges(): readonly BlockRange[] {
    return this.#set.ranges
  }

  /** Drops the local copy of blocks; nothing is remembered. */
  async evict({ start, end }: BlockRange): Promise<void> {
    // Hypercore would write the same bits again.
    if (!this.#core.core.bitfield.hasSet(start, end - start)) return
    reachStep('log.evict.before')
    await coded(() => this.#core.clear(start, end))
    reachStep('log.evict.after')
  }

  async forget(range: BlockRange): Promise<void> {
    this.#set.add(range)
    await this.#dropHere(range)
  }

  recall(range: BlockRange): void {
    this.#set.delete(range)
  }

  /** Where the forgotten blocks around one end; undefined where it is not forgotten. */
  endOf(index: number): number | undefined {
    return this.#set.rangeOf(index)?.end
  }

  /** The parts of a range that may be fetched. */
  rest(range: BlockRange): BlockRange[] {
    return this.#set.without(range)
  }

  /** Throws `BLOCK_FORGOTTEN` when one of the blocks is. */
  assertNone(indexes: readonly number[]): void {
    const index = indexes.find((one) => this.#set.has(one))
    if (index === undefined) return
    throw logError(
      'BLOCK_FORGOTTEN',
      `block ${index} was forgotten and is not fetched again; what it held is gone from here for good`,
      { details: { index } },
    )
  }

  /** Drops what of these blocks was forgotten while it was on its way here. */
  async dropLate(ranges: readonly BlockRange[]): Promise<void> {
    for (const range of ranges) {
      for (const part of this.#set.within(range)) await this.#dropHere(part)
    }
  }

  // Only what is here is dropped: a range may be long, and mostly dropped before.
  async #dropHere({ start, end }: BlockRange): Promise<void> {
    const { bitfield } = this.#core.core
    const last = Math.min(end, this.#core.length)
    let from = start
    while (from < last) {
      let to = from
      while (to < last && bitfield.get(to)) to++
      if (to > from) await this.evict({ start: from, end: to })
      from = to + 1
    }
  }
}
