import { toKeyBounds } from './key-bounds.ts'
import { MemtableCursor } from './memtable-cursor.ts'
import { MergeCursor } from './merge-cursor.ts'
import type { IndexEntry, RangeOptions } from './ordered-reader.ts'
import type { PageStore } from './page-store.ts'
import { treeCursors } from './tree-cursors.ts'
import type { View } from './view.ts'

/** The entries of a range, copied, when memory has them all; undefined when a block has to be read. */
export function rangeNow(
  view: View,
  pages: PageStore,
  options: RangeOptions,
): IndexEntry[] | undefined {
  const { limit = Number.POSITIVE_INFINITY, reverse = false } = options
  const bounds = toKeyBounds(options)
  const cursors = treeCursors(view.tree.head.tiers, pages, {
    bounds,
    reverse,
    lending: false,
    eager: false,
    keep: 'put',
    wait: {},
    cachedOnly: true,
  })
  for (const cursor of cursors) {
    cursor.plan(1)
    cursor.loadCached()
    if (cursor.state === 'stalled') return undefined
  }
  const recent = view.memtables.map((table) => new MemtableCursor(table, bounds, reverse))
  const merge = new MergeCursor([...recent, ...cursors], reverse)
  const entries: IndexEntry[] = []
  while (entries.length < limit && merge.state === 'ready') {
    if (!merge.entry.tombstone) entries.push([merge.entry.key(), merge.entry.value()])
    merge.advance()
  }
  return entries.length < limit && merge.state === 'stalled' ? undefined : entries
}
