import type { WaitOptions } from '@datagram/log-core'
import type { EntrySource } from './entry-source.ts'
import type { EntryView } from './entry-view.ts'
import type { FencePage } from './fence-page.ts'
import type { KeyBounds } from './key-bounds.ts'
import { compareKeys } from './key-order.ts'
import { LeafCursor } from './leaf-cursor.ts'
import type { LeafPage } from './leaf-page.ts'
import { LeafWalk, type WalkedLeaf } from './leaf-walk.ts'
import type { PageKeeping, PageStore } from './page-store.ts'
import { NEAR, type ReadAhead } from './read-ahead.ts'
import type { Run } from './run.ts'

/** How a {@link RunCursor} reads. */
export interface RunCursorOptions {
  readonly bounds: KeyBounds
  readonly reverse: boolean
  /** Entries may be given out without a copy (see {@link LeafCursor}). */
  readonly lending: boolean
  /** Read the second window before it is needed; without it only those after it are read ahead. */
  readonly eager: boolean
  /** What becomes of the leaves that it reads. */
  readonly keep: PageKeeping
  /** Default: as fits blocks on this machine. */
  readonly ahead?: ReadAhead
  readonly wait: WaitOptions
  /** Begin no read: the cursor goes on with {@link RunCursor.loadCached} alone. Default false. */
  readonly cachedOnly?: boolean
}

interface Window {
  readonly leaves: readonly WalkedLeaf[]
  pages: readonly LeafPage[] | undefined
  loading: Promise<void> | undefined
}

/**
 * The entries of a run within bounds, in either direction.
 *
 * Leaves are read in windows, the next on its way while one is used; what is cached costs no wait.
 */
export class RunCursor implements EntrySource {
  readonly lends: boolean
  state: EntrySource['state'] = 'stalled'
  readonly #pages: PageStore
  readonly #options: RunCursorOptions
  readonly #walk: LeafWalk
  readonly #leaf: LeafCursor
  #window: Window = { leaves: [], pages: [], loading: undefined }
  #following: Window | undefined
  readonly #ahead: ReadAhead
  #windowLeaves: number
  #eager: boolean
  // Leaf of the window that comes next.
  #nextLeaf = 0
  // Entries of the open leaf: where the cursor stands, and where it ends.
  #at = 0
  #end = 0
  // Whether the open leaf is the first of its group.
  #firstLeaf = false

  constructor(run: Run, pages: PageStore, options: RunCursorOptions) {
    this.lends = options.lending
    this.#eager = options.eager
    this.#ahead = options.ahead ?? NEAR
    this.#windowLeaves = this.#ahead.leavesMin
    this.#pages = pages
    this.#options = options
    this.#walk = new LeafWalk(run, options.bounds, options.reverse)
    this.#leaf = new LeafCursor(options.lending)
    if (this.#walk.done) this.state = 'done'
  }

  get entry(): EntryView {
    return this.#leaf.entry
  }

  /** Whether the entry is the first of its group. */
  get atGroupStart(): boolean {
    return this.#at === 0 && this.#firstLeaf
  }

  advance(): void {
    this.#at += this.#options.reverse ? -1 : 1
    if (this.#at !== this.#end) this.#leaf.moveTo(this.#at)
    else this.#nextEntry()
  }

  /** Brings the fences that the first window needs. */
  async loadFences(): Promise<void> {
    const blocks = this.#walk.missingFences(this.#ahead.fences)
    if (blocks.length === 0) return
    const wants = blocks.map((block) => ({ block, kind: 'fence' as const }))
    const fences = await this.#pages.load(wants, 'put', this.#options.wait)
    fences.forEach((fence, i) => this.#walk.give(blocks[i] as number, fence as FencePage))
  }

  /** The leaves that the cursor will come to, as far as it has their fences. */
  upcoming(count: number): WalkedLeaf[] {
    return this.#walk.upcoming(count)
  }

  /** Makes the first window hold `leaves` leaves. */
  plan(leaves: number): void {
    this.#windowLeaves = Math.max(1, leaves)
  }

  async load(): Promise<void> {
    while (this.state === 'stalled') {
      if (this.#window.pages === undefined) await this.#fill(this.#window)
      else await this.loadFences()
      this.#nextEntry()
    }
  }

  /** As {@link load}, as far as memory reaches: the cursor may stay stalled. */
  loadCached(): void {
    if (this.state === 'stalled') this.#nextEntry()
  }

  // Goes to the first entry of the next leaf that has one within the bounds.
  #nextEntry(): void {
    for (;;) {
      const { leaves, pages } = this.#window
      if (this.#nextLeaf === leaves.length) {
        if (!this.#nextWindow()) return
        continue
      }
      const page = pages?.[this.#nextLeaf]
      if (page === undefined) {
        this.state = 'stalled'
        return
      }
      this.#enter(leaves[this.#nextLeaf] as WalkedLeaf, page)
      this.#nextLeaf += 1
      if (this.#at !== this.#end) {
        this.#leaf.moveTo(this.#at)
        this.state = 'ready'
        return
      }
    }
  }

  // Takes the window that was read ahead, and begins the one after it.
  #nextWindow(): boolean {
    const window = this.#following ?? this.#begin()
    this.#following = undefined
    if (window === undefined) {
      this.state = this.#walk.done ? 'done' : 'stalled'
      return false
    }
    this.#window = window
    this.#nextLeaf = 0
    if (this.#eager) this.#following = this.#begin()
    this.#eager = true
    return true
  }

  // The next window, its pages already on their way; undefined at the end or when a fence is missing.
  #begin(): Window | undefined {
    this.#giveCachedFences()
    const leaves: WalkedLeaf[] = []
    let bytes = 0
    while (leaves.length < this.#windowLeaves && bytes < this.#ahead.bytesMax) {
      bytes += this.#walk.leafBytes
      const leaf = this.#walk.next()
      if (leaf === undefined) break
      leaves.push(leaf)
    }
    if (leaves.length === 0) return undefined
    const { growth, leavesMax } = this.#ahead
    this.#windowLeaves = Math.min(growth * this.#windowLeaves, leavesMax)
    const window: Window = { leaves, pages: this.#cachedPages(leaves), loading: undefined }
    if (window.pages === undefined && this.#options.cachedOnly !== true) {
      window.loading = this.#read(window)
      // Heard of when the cursor comes to this window; it may also be closed before.
      window.loading.catch(() => undefined)
    }
    return window
  }

  async #fill(window: Window): Promise<void> {
    const loading = window.loading ?? this.#read(window)
    // A failed read may be tried again.
    window.loading = undefined
    await loading
  }

  async #read(window: Window): Promise<void> {
    const wants = window.leaves.map(({ block }) => ({ block, kind: 'leaf' as const }))
    const fences = this.#walk.missingFences(this.#ahead.fences)
    const pages = await this.#pages.load(
      [...wants, ...fences.map((block) => ({ block, kind: 'fence' as const }))],
      this.#options.keep,
      this.#options.wait,
    )
    window.pages = pages.slice(0, wants.length) as LeafPage[]
    fences.forEach((block, i) => this.#walk.give(block, pages[wants.length + i] as FencePage))
  }

  #giveCachedFences(): void {
    for (const block of this.#walk.missingFences(this.#ahead.fences)) {
      const fence = this.#pages.cached(block, 'fence')
      if (fence !== undefined) this.#walk.give(block, fence)
    }
  }

  #cachedPages(leaves: readonly WalkedLeaf[]): LeafPage[] | undefined {
    const pages: LeafPage[] = []
    for (const { block } of leaves) {
      const page = this.#pages.cached(block, 'leaf')
      if (page === undefined) return undefined
      pages.push(page)
    }
    return pages
  }

  #enter({ separator, end, first: firstLeaf }: WalkedLeaf, page: LeafPage): void {
    this.#firstLeaf = firstLeaf
    const { bounds, reverse } = this.#options
    const { lower, upper } = bounds
    this.#leaf.open(page)
    const first =
      lower !== undefined && compareKeys(separator, lower) < 0 ? this.#leaf.seek(lower) : 0
    const behind =
      upper !== undefined && (end === undefined || compareKeys(end, upper) > 0)
        ? this.#leaf.seek(upper)
        : page.count
    this.#at = reverse ? behind - 1 : first
    this.#end = reverse ? first - 1 : Math.max(first, behind)
    if (reverse && behind <= first) this.#at = this.#end
  }
}
