import type { BlockRange } from '@datagram/log-core'
import { joinRanges } from './run.ts'
import type { Tree } from './view.ts'

// Ranges that a head may list before their grace is cut short.
const RANGES_MAX = 256
// A single superseded head among live blocks is left until it has neighbours, or there are so many.
const SMALL_BLOCKS = 8
const SMALL_RANGES_MAX = 32

/**
 * Which superseded blocks are dropped: those whose grace has ended, all that no snapshot needs, or everything.
 */
export type SweptBlocks = 'due' | 'free' | 'everything'

interface Superseded extends BlockRange {
  /** Block of the head that no longer needs them. */
  readonly by: number
  readonly sinceMs: number
}

/**
 * Blocks that the newest head no longer needs and that are still here.
 *
 * They are dropped after a time of grace, in which remote readers of the head before may still fetch
 * them, but not while a tree that a snapshot stands on needs them.
 */
export class SupersededBlocks {
  #ranges: Superseded[] = []
  readonly #pins = new Map<Tree, number>()

  /** Keeps what the tree needs until the returned function is called. */
  pin(tree: Tree): () => void {
    this.#pins.set(tree, (this.#pins.get(tree) ?? 0) + 1)
    let pinned = true
    return () => {
      if (!pinned) return
      pinned = false
      const count = (this.#pins.get(tree) as number) - 1
      if (count === 0) this.#pins.delete(tree)
      else this.#pins.set(tree, count)
    }
  }

  /** Takes note of blocks that the head in block `by` does not need. Block 0 is never dropped. */
  add(ranges: readonly BlockRange[], by: number, nowMs: number): void {
    for (const { start, end } of ranges) {
      const from = Math.max(1, start)
      if (from < end) this.#ranges.push({ start: from, end, by, sinceMs: nowMs })
    }
  }

  /** Replaces the list by that of a head that was read from the log. */
  reset(ranges: readonly BlockRange[], by: number, nowMs: number): void {
    this.#ranges = []
    this.add(ranges, by, nowMs)
  }

  /** All of them, ascending. */
  list(): BlockRange[] {
    return joinRanges(this.#ranges.map(({ start, end }) => ({ start, end })))
  }

  /** How many blocks there are. */
  get blocks(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  }

  /** When the next range's grace ends, in milliseconds since 1970; undefined when there is none. */
  dueMs(graceMs: number): number | undefined {
    const [first] = this.#ranges
    return first && first.sinceMs + graceMs
  }

  /** What may be dropped now, joined. */
  due(nowMs: number, graceMs: number, what: SweptBlocks = 'due'): BlockRange[] {
    if (what === 'everything') return this.list()
    const all = what === 'free'
    const crowded = this.list().length > RANGES_MAX
    const free = this.#ranges.filter((range) => {
      return !this.#isPinned(range) && (all || crowded || range.sinceMs + graceMs <= nowMs)
    })
    const ranges = joinRanges(free.map(({ start, end }) => ({ start, end })))
    const small = ranges.filter(({ start, end }) => end - start < SMALL_BLOCKS)
    if (all || small.length > SMALL_RANGES_MAX) return ranges
    return ranges.filter(({ start, end }) => end - start >= SMALL_BLOCKS)
  }

  /** Takes note that the blocks were dropped. */
  dropped(range: BlockRange): void {
    this.#ranges = this.#ranges.filter(({ start, end }) => start < range.start || end > range.end)
  }

  // A snapshot needs what was there when it was taken and superseded only later.
  #isPinned({ start, by }: Superseded): boolean {
    for (const tree of this.#pins.keys()) if (tree.block < by && start <= tree.block) return true
    return false
  }
}
