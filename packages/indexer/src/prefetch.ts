import type { PageStore, PageWant } from './page-store.ts'
import { allRuns, type Run, type Tier } from './run.ts'
import type { Tree } from './view.ts'

// What a fence takes for each of its leaves: a short separator and a count.
const FENCE_BYTES_PER_LEAF = 8
const FILTER_BYTES = 4096
// A reader of one key gets the fences of a small index with it; one that goes on reading, more.
const FIRST_BYTES_MAX = 32 * 1024
const LATER_BYTES_MAX = 1024 * 1024

/**
 * Fetches the fences, and the filters of all but the oldest run, of a tree whose blocks are far away:
 * after that a lookup costs one round trip, for its leaf.
 *
 * The first read brings only little, so that a single lookup stays cheap; the second says that more
 * will follow.
 */
export class Prefetch {
  readonly #pages: PageStore
  #block = -1
  #bytesMax = 0
  #reads = 0

  constructor(pages: PageStore) {
    this.#pages = pages
  }

  /** Called by each read that needs a leaf. */
  begin({ block, head }: Tree): void {
    this.#reads += 1
    const bytesMax = this.#reads === 1 ? FIRST_BYTES_MAX : LATER_BYTES_MAX
    if (this.#block === block && this.#bytesMax >= bytesMax) return
    this.#block = block
    this.#bytesMax = bytesMax
    const wants = directoryOf(head.tiers, bytesMax)
    if (wants.length === 0) return
    // After whoever has read has its answer. A failure here is no loss: whoever needs one of these pages asks
    // for it again, and hears of it.
    setImmediate(() => {
      this.#pages.load(wants, 'put').catch(() => undefined)
    })
  }
}

// The fences of all runs, then the filters, as far as the bytes allow each kind as a whole.
function directoryOf(tiers: readonly Tier[], bytesMax: number): PageWant[] {
  const runs = allRuns(tiers).filter(({ groups }) => groups.length > 0)
  const leaves = sum(runs, ({ groups }) => groups.reduce((total, group) => total + group.leaves, 0))
  const filtered = runs.slice(0, -1)
  const filters = sum(filtered, ({ groups }) =>
    groups.reduce((total, group) => total + group.filters, 0),
  )
  const wants: PageWant[] = []
  let bytes = leaves * FENCE_BYTES_PER_LEAF
  if (bytes > bytesMax) return wants
  for (const { groups } of runs) {
    for (const { fence } of groups) wants.push({ block: fence, kind: 'fence' })
  }
  bytes += filters * FILTER_BYTES
  if (bytes > bytesMax) return wants
  for (const { groups } of filtered) {
    for (const group of groups) {
      for (let i = group.fence - group.filters; i < group.fence; i++) {
        wants.push({ block: i, kind: 'filter' })
      }
    }
  }
  return wants
}

function sum(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.reduce((total, run) => total + of(run), 0)
}
