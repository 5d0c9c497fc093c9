import { describe, expect, it } from 'vitest'
import { batchesOf, ENTRY_BYTES, entryOf, keyOf, shuffled, valueOf } from '../src/workload.ts'

describe('the workload', () => {
  it('has every number once, in an order that a seed decides', () => {
    const order = shuffled(10_000, 3)
    expect(new Set(order).size).toBe(10_000)
    expect(Math.max(...order)).toBe(9999)
    expect(shuffled(10_000, 3)).toEqual(order)
    expect(shuffled(10_000, 4)).not.toEqual(order)
  })

  it('has keys and values of one size, values that differ by number and version', () => {
    expect(keyOf(42)).toBe('user:000000042')
    const values = [0, 1, 2, 999_999].flatMap((index) => [valueOf(index), valueOf(index, 1)])
    expect(new Set(values).size).toBe(values.length)
    for (const value of values) expect(keyOf(0).length + value.length).toBe(ENTRY_BYTES)
    expect(valueOf(17)).toBe(valueOf(17))
  })

  it('cuts an order into batches', () => {
    const batches = [...batchesOf(Uint32Array.of(5, 3, 4), 2)]
    expect(batches).toEqual([[entryOf(5), entryOf(3)], [entryOf(4)]])
  })
})
