import type { FencePage } from './fence-page.ts'
import type { FilterPage } from './filter-page.ts'
import type { LeafPage } from './leaf-page.ts'

/** A decoded block of the index, as it is kept in memory. */
export type Page = LeafPage | FencePage | FilterPage

/**
 * Decoded blocks by their number, up to a number of bytes. Blocks never change, so neither do pages.
 *
 * Which page goes is decided by second chance (the clock algorithm): a page that was read since the
 * hand last passed stays for another round. A hit costs one lookup and one write of a flag.
 */
export class PageCache {
  readonly #pages = new Map<number, Page>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Memory of the pages, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get(block: number): Page | undefined {
    const page = this.#pages.get(block)
    if (page !== undefined) page.used = true
    return page
  }

  /** Keeps the page, for which others may have to go. */
  put(block: number, page: Page): void {
    this.delete(block)
    if (page.memoryBytes > this.#bytesMax) return
    this.#pages.set(block, page)
    this.#bytes += page.memoryBytes
    while (this.#bytes > this.#bytesMax) this.#dropOne()
  }

  /** Keeps the page if there is room. For pages that a scan or a flush happens to have in hand. */
  offer(block: number, page: Page): void {
    if (this.#bytes + page.memoryBytes > this.#bytesMax || this.#pages.has(block)) return
    this.#pages.set(block, page)
    this.#bytes += page.memoryBytes
  }

  delete(block: number): void {
    const page = this.#pages.get(block)
    if (page === undefined) return
    this.#pages.delete(block)
    this.#bytes -= page.memoryBytes
  }

  clear(): void {
    this.#pages.clear()
    this.#bytes = 0
  }

  #dropOne(): void {
    for (const [block, page] of this.#pages) {
      if (!page.used) {
        this.delete(block)
        return
      }
      // The map's order is the clock: the page goes behind the hand, and needs another read to stay.
      page.used = false
      this.#pages.delete(block)
      this.#pages.set(block, page)
    }
  }
}
