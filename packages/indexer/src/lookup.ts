import { filterMayHold, filterPartition } from './bloom-filter.ts'
import type { FencePage } from './fence-page.ts'
import { FILTER_HEADER_BYTES } from './filter-page.ts'
import { compareKeys } from './key-order.ts'
import type { Page } from './page-cache.ts'
import type { PageKind } from './page-decode.ts'
import type { PageStore, PageWant } from './page-store.ts'
import { type Group, groupOf, leafBlock, type Run, runsOf, type Tier } from './run.ts'

/** What a lookup gives when it cannot tell before more pages are read. */
export const PENDING = Symbol('pending')

/** Copy of a value; null: deleted; undefined: not there; or {@link PENDING}. */
export type Found = Uint8Array | null | undefined | typeof PENDING

// Leaves of one key that are asked for together. Above it, false positives of filters are waited for.
const LEAVES_TOGETHER_MAX = 4

/** Looks a key up with what is in memory; the first missing page ends it. */
export function findCached(
  tiers: readonly Tier[],
  key: Uint8Array,
  hash: number,
  pages: PageStore,
): Found {
  const oldest = tiers.length - 1
  for (let i = 0; i <= oldest; i++) {
    const { run, merge } = tiers[i] as Tier
    if (merge === undefined || compareKeys(key, merge.bound) < 0) {
      const found = findInRun(run, key, hash, pages, i === oldest)
      if (found !== undefined) return found
      continue
    }
    for (const input of merge.inputs) {
      const found = findInRun(input, key, hash, pages, false)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function findInRun(
  run: Run,
  key: Uint8Array,
  hash: number,
  pages: PageStore,
  isOldest: boolean,
): Found {
  const group = groupFor(run, key)
  if (group === undefined) return undefined
  const fence = pages.cached(group.fence, 'fence')
  if (fence === undefined) return PENDING
  // Most keys that are looked up exist, and what has come as far as the oldest run lies there: its filter would
  // only cost six places in memory more, where the leaf is at hand.
  if (!isOldest && filterSays(group, fence, hash, pages) === false) return undefined
  const number = fence.leafOf(key)
  if (number === -1) return undefined
  const leaf = pages.cached(leafBlock(group, number), 'leaf')
  if (leaf !== undefined) return leaf.get(key)
  return isOldest && filterSays(group, fence, hash, pages) === false ? undefined : PENDING
}

/**
 * Looks keys up in one tree, in rounds: each round collects the pages that all keys still need, so that
 * they are read together.
 *
 * `remote` reads spend bytes to save round trips: leaves are asked for without waiting for filters that
 * are not here, and those of all runs that may hold the key at once.
 */
export class Lookup {
  readonly #tiers: readonly Tier[]
  readonly #pages: PageStore
  readonly #remote: boolean
  // Pages that were read for these keys: the cache may have dropped them again by the next round.
  readonly #held = new Map<number, Page>()
  #wants: PageWant[] = []

  constructor(tiers: readonly Tier[], pages: PageStore, remote: boolean) {
    this.#tiers = tiers
    this.#pages = pages
    this.#remote = remote
  }

  /** Pages that the keys tried since the last call need; empty when none was pending. */
  takeWants(): PageWant[] {
    const wants = this.#wants
    this.#wants = []
    return wants
  }

  /** Hands over pages that were read for `wants`. */
  give(wants: readonly PageWant[], pages: readonly Page[]): void {
    wants.forEach(({ block }, i) => this.#held.set(block, pages[i] as Page))
  }

  /** The key's value, or {@link PENDING} after noting what is missing. */
  find(key: Uint8Array, hash: number): Found {
    const runs = runsOf(this.#tiers, key).filter((run) => groupFor(run, key) !== undefined)
    let pending = false
    let leaves = 0
    for (const [i, run] of runs.entries()) {
      const group = groupFor(run, key) as Group
      const leaf = this.#leafOf(group, key, hash, i === runs.length - 1)
      if (leaf === undefined) continue
      if (leaf === PENDING) {
        pending = true
        continue
      }
      const page = this.#page(leaf, 'leaf')
      if (page !== undefined) {
        const found = page.get(key)
        if (found !== undefined) return pending ? PENDING : found
        continue
      }
      pending = true
      this.#wants.push({ block: leaf, kind: 'leaf' })
      leaves += 1
      if (!this.#remote || leaves === LEAVES_TOGETHER_MAX) break
    }
    return pending ? PENDING : undefined
  }

  // Block of the leaf that may hold the key; undefined: none does.
  #leafOf(
    group: Group,
    key: Uint8Array,
    hash: number,
    oldest: boolean,
  ): number | undefined | typeof PENDING {
    const fence = this.#page(group.fence, 'fence')
    const filter = filterOf(group, hash)
    const partition = filter === undefined ? undefined : this.#page(filter, 'filter')
    if (partition !== undefined && !mayHold(partition.bytes, FILTER_HEADER_BYTES, hash))
      return undefined
    const filterMissing = filter !== undefined && partition === undefined
    // A remote reader takes the oldest run's leaf for certain, and spares the filter.
    const filterWanted = filterMissing && (this.#remote ? !oldest && fence === undefined : true)
    if (filterWanted) this.#wants.push({ block: filter, kind: 'filter' })
    if (fence === undefined) {
      this.#wants.push({ block: group.fence, kind: 'fence' })
      return PENDING
    }
    if (filterWanted) return PENDING
    if (filter === undefined && !mayHold(fence.filter, 0, hash)) return undefined
    const number = fence.leafOf(key)
    return number === -1 ? undefined : leafBlock(group, number)
  }

  #page<K extends PageKind>(block: number, kind: K): Extract<Page, { kind: K }> | undefined {
    const held = this.#held.get(block)
    if (held?.kind === kind) return held as Extract<Page, { kind: K }>
    return this.#pages.cached(block, kind)
  }
}

/** The group of a run that may hold the key. */
export function groupFor(run: Run, key: Uint8Array): Group | undefined {
  const number = groupOf(run, key)
  if (number === -1 || compareKeys(key, run.last) > 0) return undefined
  return run.groups[number]
}

/** Block of the filter that speaks of a key with that hash; undefined when it lies in the fence. */
export function filterOf(group: Group, hash: number): number | undefined {
  if (group.filters === 0) return undefined
  return group.fence - group.filters + filterPartition(hash, group.filters)
}

/** Whether the group's filter denies the key (false), or it may hold it, or the filter is not here. */
function filterSays(
  group: Group,
  fence: FencePage,
  hash: number,
  pages: PageStore,
): boolean | undefined {
  const block = filterOf(group, hash)
  if (block === undefined) return mayHold(fence.filter, 0, hash)
  const page = pages.cached(block, 'filter')
  return page && mayHold(page.bytes, FILTER_HEADER_BYTES, hash)
}

function mayHold(bytes: Uint8Array, start: number, hash: number): boolean {
  return filterMayHold(bytes, start, bytes.length, hash)
}
