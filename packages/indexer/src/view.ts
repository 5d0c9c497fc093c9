import type { BlockRange, WaitOptions } from '@datagram/log-core'
import { EMPTY_HEAD, type Head } from './head.ts'
import type { MemtableView } from './memtable.ts'
import { blocksOf, joinRanges } from './run.ts'

/** The part of the map that lies in the log, as one head tells it. Immutable. */
export interface Tree {
  /** Block of the head; −1 when the log has none. */
  readonly block: number
  readonly head: Head
}

/** The tree of a log without a head. */
export const EMPTY_TREE: Tree = { block: -1, head: EMPTY_HEAD }

/**
 * The whole map at one moment: the operations in memory, newest table first, over the tree.
 *
 * Invariant: every operation up to the moment is in exactly one of them or, between a flush and the
 * next apply, in both with the same outcome.
 */
export interface View {
  readonly memtables: readonly MemtableView[]
  readonly tree: Tree
}

/** The blocks that a tree needs, its head included, as ascending ranges. */
export function treeBlocks({ block, head }: Tree): BlockRange[] {
  if (block === -1) return []
  return joinRanges([...blocksOf(head.tiers), { start: block, end: block + 1 }])
}

/** Where readers get the present view, and a newer one when blocks of theirs are gone. */
export interface ViewSource {
  /** The map as it is now. */
  view(): View
  /**
   * A newer view than one whose blocks could not be read, with `error`. Rejects with that error, or a
   * better one, when there is none.
   */
  renew(failed: View, error: unknown, wait: WaitOptions): Promise<View>
}
