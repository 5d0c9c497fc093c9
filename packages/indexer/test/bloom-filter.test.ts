import { describe, expect, it } from 'vitest'
import { addToFilter, filterBytes, filterMayHold, filterPartition } from '../src/bloom-filter.ts'
import { hashKey } from '../src/key-hash.ts'
import { text } from './bytes.ts'

const keysOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => hashKey(text(`${prefix}${i}`)))

describe('a filter', () => {
  for (const count of [1, 50, 3000]) {
    it(`never denies one of its ${count} keys, and takes few others for them`, () => {
      const bytes = new Uint8Array(filterBytes(count))
      const own = keysOf('own', count)
      for (const hash of own) addToFilter(bytes, 0, bytes.length, hash)
      expect(own.every((hash) => filterMayHold(bytes, 0, bytes.length, hash))).toBe(true)
      const others = keysOf('other', 50_000)
      const taken = others.filter((hash) => filterMayHold(bytes, 0, bytes.length, hash)).length
      expect(taken / others.length).toBeLessThan(0.014)
    })
  }

  it('of no bytes denies nothing', () => {
    expect(filterMayHold(new Uint8Array(0), 0, 0, 5)).toBe(true)
  })

  it('in partitions spreads its keys, and is as good as one filter', () => {
    const partitions = 7
    const own = keysOf('own', 20_000)
    const bytes = Array.from(
      { length: partitions },
      () => new Uint8Array(filterBytes(own.length / partitions)),
    )
    const counts = new Array<number>(partitions).fill(0)
    for (const hash of own) {
      const partition = filterPartition(hash, partitions)
      counts[partition] = (counts[partition] as number) + 1
      const part = bytes[partition] as Uint8Array
      addToFilter(part, 0, part.length, hash)
    }
    for (const count of counts) expect(count).toBeGreaterThan(2600)
    const others = keysOf('other', 50_000)
    const taken = others.filter((hash) => {
      const part = bytes[filterPartition(hash, partitions)] as Uint8Array
      return filterMayHold(part, 0, part.length, hash)
    })
    expect(taken.length / others.length).toBeLessThan(0.014)
  })
})
