import { describe, expect, it } from 'vitest'
import { FilterPage } from '../src/filter-page.ts'
import { PageCache } from '../src/page-cache.ts'

const page = (bytes: number) => FilterPage.decode(Uint8Array.from({ length: bytes - 120 }, () => 1))

describe('the page cache', () => {
  it('stays below its size, and keeps what is read', () => {
    const cache = new PageCache(10_000)
    for (let block = 0; block < 10; block++) cache.put(block, page(1000))
    expect(cache.bytes).toBe(10_000)
    cache.get(0)
    cache.get(1)
    for (let block = 10; block < 18; block++) cache.put(block, page(1000))
    expect(cache.bytes).toBe(10_000)
    expect(cache.get(0)).toBeDefined()
    expect(cache.get(1)).toBeDefined()
    expect(cache.get(2)).toBe(undefined)
  })

  it('takes an offer only where there is room', () => {
    const cache = new PageCache(2500)
    cache.offer(1, page(1000))
    cache.offer(2, page(1000))
    cache.offer(3, page(1000))
    expect([1, 2, 3].map((block) => cache.get(block) !== undefined)).toEqual([true, true, false])
    cache.delete(1)
    cache.offer(3, page(1000))
    expect(cache.get(3)).toBeDefined()
    cache.put(4, page(5000))
    expect(cache.get(4)).toBe(undefined)
    cache.clear()
    expect(cache.bytes).toBe(0)
  })
})
