import { filterMayHold } from './bloom-filter.ts'
import type { FencePage } from './fence-page.ts'
import { FILTER_HEADER_BYTES, type FilterPage } from './filter-page.ts'
import { hashKey } from './key-hash.ts'
import { filterOf, groupFor } from './lookup.ts'
import type { PageStore, PageWant } from './page-store.ts'
import { runsOf, type Tier } from './run.ts'

/**
 * Estimates what part of the keys is in the tiers already, by their filters. Reads one page for each
 * key and run at most, all at once: meant for a sample.
 */
export async function estimateOverlap(
  tiers: readonly Tier[],
  keys: readonly Uint8Array[],
  pages: PageStore,
): Promise<number> {
  const checks = keys.flatMap((key) => filtersOf(tiers, key))
  if (checks.length === 0) return 0
  const loaded = await pages.load(
    checks.map(({ want }) => want),
    'put',
  )
  const there = new Set<Uint8Array>()
  checks.forEach(({ key, hash }, i) => {
    if (mayHold(loaded[i] as FencePage | FilterPage, hash)) there.add(key)
  })
  return there.size / keys.length
}

function filtersOf(tiers: readonly Tier[], key: Uint8Array) {
  const hash = hashKey(key)
  const checks: { key: Uint8Array; hash: number; want: PageWant }[] = []
  for (const run of runsOf(tiers, key)) {
    const group = groupFor(run, key)
    if (group === undefined) continue
    const filter = filterOf(group, hash)
    const want: PageWant =
      filter === undefined
        ? { block: group.fence, kind: 'fence' }
        : { block: filter, kind: 'filter' }
    checks.push({ key, hash, want })
  }
  return checks
}

function mayHold(page: FencePage | FilterPage, hash: number): boolean {
  if (page.kind === 'fence') return filterMayHold(page.filter, 0, page.filter.length, hash)
  return filterMayHold(page.bytes, FILTER_HEADER_BYTES, page.bytes.length, hash)
}
