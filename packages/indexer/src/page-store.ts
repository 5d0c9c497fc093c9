import { type Block, bounded, type ReadableLog, type WaitOptions } from '@datagram/log-core'
import { type Page, PageCache } from './page-cache.ts'
import { decodePage, otherKind, type PageKind } from './page-decode.ts'

/**
 * What becomes of pages that were read: `put` keeps them even if others must go, `offer` if there is
 * room, `pass` not at all.
 */
export type PageKeeping = 'put' | 'offer' | 'pass'

/** A page that is wanted. */
export interface PageWant {
  readonly block: number
  readonly kind: PageKind
}

/**
 * Reads blocks of the index's log as pages: from the cache, or all that are missing at once.
 *
 * Two readers that want the same block wait for one read. A read that was begun goes on when its
 * reader gives up, within the log's own limits.
 */
export class PageStore {
  readonly #log: ReadableLog
  readonly #cache: PageCache
  readonly #underway = new Map<number, Promise<Page>>()

  constructor(log: ReadableLog, cacheBytesMax: number) {
    this.#log = log
    this.#cache = new PageCache(cacheBytesMax)
  }

  /** Memory of the cached pages, in bytes. */
  get cacheBytes(): number {
    return this.#cache.bytes
  }

  /** The page, if it is in memory. A page of another kind is `INDEX_BLOCK_DAMAGED`. */
  cached<K extends PageKind>(block: number, kind: K): Extract<Page, { kind: K }> | undefined {
    const page = this.#cache.get(block)
    if (page === undefined) return undefined
    if (page.kind !== kind) throw otherKind(block, kind)
    return page as Extract<Page, { kind: K }>
  }

  /**
   * The wanted pages, in order; blocks that are not in memory are read together. Rejects as the log's
   * `getBlocks` does, and with `INDEX_BLOCK_DAMAGED` and `INDEX_FORMAT_UNKNOWN`.
   */
  async load(
    wants: readonly PageWant[],
    keep: PageKeeping,
    wait: WaitOptions = {},
  ): Promise<Page[]> {
    const missing = wants.filter(({ block, kind }) => {
      return this.cached(block, kind) === undefined && !this.#underway.has(block)
    })
    if (missing.length > 0)
      this.#read([...new Map(missing.map((want) => [want.block, want])).values()], keep)
    const pages = Promise.all(
      wants.map(({ block, kind }) => this.cached(block, kind) ?? this.#underway.get(block)),
    )
    const loaded = await bounded(pages, 'reading the index', wait)
    return loaded.map((page, i) => {
      const { block, kind } = wants[i] as PageWant
      if (page?.kind !== kind) throw otherKind(block, kind)
      return page
    })
  }

  /** Takes pages that were just written, if there is room. */
  offer(block: number, page: Page): void {
    this.#cache.offer(block, page)
  }

  /** Forgets the pages of blocks that are no longer there. */
  drop(start: number, end: number): void {
    for (let block = start; block < end; block++) this.#cache.delete(block)
  }

  clear(): void {
    this.#cache.clear()
  }

  #read(wants: readonly PageWant[], keep: PageKeeping): void {
    const reading = this.#log.getBlocks(wants.map(({ block }) => block))
    wants.forEach((want, i) => {
      const page = reading.then((blocks) => this.#take(want, blocks[i] as Block, keep))
      this.#underway.set(want.block, page)
      // Whoever asked hears of a failure; here it only ends the read.
      const ended = () => this.#underway.delete(want.block)
      page.then(ended, ended)
    })
  }

  #take({ block, kind }: PageWant, read: Block, keep: PageKeeping): Page {
    const page = decodePage(read, kind)
    if (keep === 'put') this.#cache.put(block, page)
    else if (keep === 'offer') this.#cache.offer(block, page)
    return page
  }
}
