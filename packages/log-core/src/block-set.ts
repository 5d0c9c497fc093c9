import type { BlockRange } from './log.ts'

/** A set of block indexes, kept as ascending ranges that neither overlap nor touch. */
export class BlockSet {
  readonly #ranges: BlockRange[] = []

  constructor(ranges: Iterable<BlockRange> = []) {
    for (const range of ranges) this.add(range)
  }

  /** The ranges, ascending. The array is the set's own and changes with it. */
  get ranges(): readonly BlockRange[] {
    return this.#ranges
  }

  /** How many blocks are in it. */
  get size(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  }

  has(index: number): boolean {
    return this.rangeOf(index) !== undefined
  }

  /** The range that a block lies in; undefined where it is not in the set. */
  rangeOf(index: number): BlockRange | undefined {
    const range = this.#ranges[this.#firstEndingAfter(index)]
    return range !== undefined && range.start <= index ? range : undefined
  }

  add({ start, end }: BlockRange): void {
    if (start >= end) return
    // Those that touch it are joined with it.
    const from = this.#firstEndingAfter(start - 1)
    let to = from
    let joined: BlockRange = { start, end }
    for (; to < this.#ranges.length; to++) {
      const range = this.#ranges[to] as BlockRange
      if (range.start > end) break
      joined = { start: Math.min(joined.start, range.start), end: Math.max(joined.end, range.end) }
    }
    this.#ranges.splice(from, to - from, joined)
  }

  delete({ start, end }: BlockRange): void {
    if (start >= end) return
    const from = this.#firstEndingAfter(start)
    let to = from
    const rest: BlockRange[] = []
    for (; to < this.#ranges.length; to++) {
      const range = this.#ranges[to] as BlockRange
      if (range.start >= end) break
      if (range.start < start) rest.push({ start: range.start, end: start })
      if (range.end > end) rest.push({ start: end, end: range.end })
    }
    this.#ranges.splice(from, to - from, ...rest)
  }

  /** The parts of `range` that are in the set, ascending. */
  within({ start, end }: BlockRange): BlockRange[] {
    const parts: BlockRange[] = []
    for (let i = this.#firstEndingAfter(start); i < this.#ranges.length; i++) {
      const range = this.#ranges[i] as BlockRange
      if (range.start >= end) break
      parts.push({ start: Math.max(start, range.start), end: Math.min(end, range.end) })
    }
    return parts
  }

  /** The parts of `range` that are not in the set, ascending. */
  without({ start, end }: BlockRange): BlockRange[] {
    const parts: BlockRange[] = []
    let at = start
    for (const taken of this.within({ start, end })) {
      if (taken.start > at) parts.push({ start: at, end: taken.start })
      at = taken.end
    }
    if (at < end) parts.push({ start: at, end })
    return parts
  }

  // Number of the first range whose end is above `index`.
  #firstEndingAfter(index: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#ranges[middle] as BlockRange).end > index) high = middle
      else low = middle + 1
    }
    return low
  }
}
