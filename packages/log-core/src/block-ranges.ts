import c from 'compact-encoding'
import { BlockSet } from './block-set.ts'
import type { State } from './codec.ts'
import type { BlockRange } from './log.ts'

/** Bounds of {@link decodeBlockRanges}. */
export interface BlockRangesLimits {
  /** How many ranges at most. */
  readonly count: number
  /** One after the last block that there may be. */
  readonly end: number
}

/** Size of {@link encodeBlockRanges}. */
export function preencodeBlockRanges(state: State, ranges: readonly BlockRange[]): void {
  eachField(ranges, (field) => c.uint.preencode(state, field))
}

/**
 * Writes ascending ranges that do not touch: their count, then for each how many blocks lie between the end of the
 * one before (or 0) and it, and how many it has; all of them uints.
 */
export function encodeBlockRanges(state: State, ranges: readonly BlockRange[]): void {
  eachField(ranges, (field) => c.uint.encode(state, field))
}

/** What {@link encodeBlockRanges} wrote. Throws a RangeError for what it would not write. */
export function decodeBlockRanges(state: State, { count, end }: BlockRangesLimits): BlockRange[] {
  const counted = uintOf(state)
  if (counted > count) throw new RangeError(`${counted} ranges are too many`)
  const set = new BlockSet()
  let before = 0
  for (let i = 0; i < counted; i++) {
    const start = before + uintOf(state)
    before = start + uintOf(state)
    if (before === start || before > end)
      throw new RangeError('a range is empty, or beyond the length')
    set.add({ start, end: before })
  }
  return [...set.ranges]
}

function eachField(ranges: readonly BlockRange[], tell: (field: number) => void): void {
  tell(ranges.length)
  let before = 0
  for (const { start, end } of ranges) {
    tell(start - before)
    tell(end - start)
    before = end
  }
}

function uintOf(state: State): number {
  const value = c.uint.decode(state)
  if (!Number.isSafeInteger(value)) throw new RangeError('a number is out of range')
  return value
}
