import { compareKeys } from './key-order.ts'
import type { WalkedLeaf } from './leaf-walk.ts'
import type { RunCursor } from './run-cursor.ts'

/**
 * Decides how many leaves each run's cursor reads first for a range of `limit` entries: as many as lie
 * before the key at which all runs together have shown that many. Without it every run would read
 * `limit` entries ahead, though a small run spreads as many over most of the map.
 *
 * It goes by the counts in the fences. A run's first leaf may begin before the range and is not
 * counted; deleted and overwritten entries are, and then a second read follows.
 */
export function planWindows(cursors: readonly RunCursor[], limit: number, reverse: boolean): void {
  const direction = reverse ? -1 : 1
  const upcoming = cursors.map((cursor) => leavesFor(cursor, limit))
  const ends = upcoming
    .flatMap((leaves) =>
      leaves.map((leaf, i) => ({
        end: reverse ? leaf.separator : leaf.end,
        entries: i === 0 ? 0 : leaf.entries,
      })),
    )
    .filter((leaf): leaf is { end: Uint8Array; entries: number } => leaf.end !== undefined)
    .sort((a, b) => direction * compareKeys(a.end, b.end))
  let entries = 0
  const edge = ends.find((leaf) => {
    entries += leaf.entries
    return entries >= limit
  })?.end
  cursors.forEach((cursor, i) => {
    const leaves = upcoming[i] as WalkedLeaf[]
    const within = leaves.filter((leaf) => edge === undefined || begins(leaf, edge, reverse))
    cursor.plan(within.length)
  })
}

function leavesFor(cursor: RunCursor, limit: number): WalkedLeaf[] {
  const leaves = cursor.upcoming(Math.min(limit + 2, 1024))
  let entries = 0
  // One more than needed: of the first leaf perhaps nothing is within the range.
  const enough = leaves.findIndex((leaf, i) => {
    if (i > 0) entries += leaf.entries
    return entries >= limit
  })
  return enough === -1 ? leaves : leaves.slice(0, enough + 1)
}

// Whether a leaf begins on the near side of the edge.
function begins(leaf: WalkedLeaf, edge: Uint8Array, reverse: boolean): boolean {
  if (!reverse) return compareKeys(leaf.separator, edge) < 0
  return leaf.end === undefined || compareKeys(leaf.end, edge) > 0
}
