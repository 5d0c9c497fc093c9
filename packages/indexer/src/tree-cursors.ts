import { isEmpty, type KeyBounds } from './key-bounds.ts'
import { compareKeys } from './key-order.ts'
import type { PageStore } from './page-store.ts'
import type { Run, Tier } from './run.ts'
import { RunCursor, type RunCursorOptions } from './run-cursor.ts'

/** A cursor for each run that may hold keys within the bounds, newest first. */
export function treeCursors(
  tiers: readonly Tier[],
  pages: PageStore,
  options: RunCursorOptions,
): RunCursor[] {
  const cursors: RunCursor[] = []
  const add = (run: Run, bounds: KeyBounds) => {
    if (isEmpty(bounds)) return
    const cursor = new RunCursor(run, pages, { ...options, bounds })
    if (cursor.state !== 'done') cursors.push(cursor)
  }
  const { lower, upper } = options.bounds
  for (const { run, merge } of tiers) {
    if (merge === undefined) add(run, options.bounds)
    else {
      // The output holds the keys below the bound, the inputs the others.
      const { bound, inputs } = merge
      add(run, {
        lower,
        upper: upper !== undefined && compareKeys(upper, bound) < 0 ? upper : bound,
      })
      const from = lower !== undefined && compareKeys(lower, bound) > 0 ? lower : bound
      for (const input of inputs) add(input, { lower: from, upper })
    }
  }
  return cursors
}
