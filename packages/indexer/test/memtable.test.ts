import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyBounds } from '../src/key-bounds.ts'
import { hashKey } from '../src/key-hash.ts'
import { compareKeys } from '../src/key-order.ts'
import { mergeKeys, sortKeys } from '../src/key-sort.ts'
import { Memtable, type MemtableView } from '../src/memtable.ts'
import { MemtableCursor } from '../src/memtable-cursor.ts'
import { hex, type PlainEntry, plainOf, text } from './bytes.ts'

const key = fc.oneof(
  fc.uint8Array({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 7, max: 1 }),
  fc.nat(60).map((n) => text(`user:${n}`)),
  fc.nat(4).map((n) => new Uint8Array(1000 + n).fill(9)),
)
const operation = fc.tuple(
  key,
  fc.option(fc.uint8Array({ maxLength: 30 }), { nil: undefined, freq: 4 }),
)
const ALL: KeyBounds = { lower: undefined, upper: undefined }

function add(table: Memtable, key: Uint8Array, value: Uint8Array | undefined): void {
  table.add(key, hashKey(key), value)
}

/** Where each key lies when they lie one after another. */
function windowsOf(keys: readonly Uint8Array[]): Int32Array {
  let end = 0
  return Int32Array.from(keys.flatMap((one) => [(end += one.length) - one.length, one.length]))
}

function entriesOf(view: MemtableView, bounds = ALL, reverse = false): PlainEntry[] {
  const entries: PlainEntry[] = []
  const cursor = new MemtableCursor(view, bounds, reverse)
  while (cursor.state === 'ready') {
    entries.push(plainOf(cursor.entry))
    cursor.advance()
  }
  return entries
}

describe('a table in memory', () => {
  it('shows at any later time what was in it at each moment', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 120, size: 'max' }),
        fc.boolean(),
        (operations, sortEarly) => {
          const table = new Memtable()
          const model = new Map<string, readonly [Uint8Array, Uint8Array | undefined]>()
          const moments: { view: MemtableView; model: typeof model }[] = []
          operations.forEach(([key, value], i) => {
            if (i % 7 === 0) table.begin(i + 1, { ms: 1000 + i, counter: i % 3 })
            add(table, key, value)
            model.set(hex(key), [key, value])
            if (i % 9 === 0) moments.push({ view: table.view(), model: new Map(model) })
            if (sortEarly && i % 11 === 0) table.sorted()
          })
          for (const { view, model: then } of moments) {
            const expected = [...then.values()].sort(([a], [b]) => compareKeys(a, b))
            expect(entriesOf(view).map((entry) => [entry.key, entry.value])).toEqual(expected)
            expect(entriesOf(view, ALL, true).reverse()).toEqual(entriesOf(view))
            for (const [key] of operations) {
              const held = then.get(hex(key))
              const found = table.get(key, hashKey(key), view.limit)
              expect(found).toEqual(held === undefined ? undefined : (held[1] ?? null))
            }
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  it('is bounded from below and above', () => {
    const table = new Memtable()
    table.begin(1, { ms: 1, counter: 0 })
    for (const name of ['b', 'd', 'f', 'h']) add(table, text(name), text(name))
    const names = (lower: string | undefined, upper: string | undefined, reverse: boolean) => {
      const bounds = { lower: lower && text(lower), upper: upper && text(upper) } as KeyBounds
      return entriesOf(table.view(), bounds, reverse).map((entry) => hex(entry.key))
    }
    const expected = (...list: string[]) => list.map((name) => hex(text(name)))
    expect(names('d', 'h', false)).toEqual(expected('d', 'f'))
    expect(names('c', undefined, true)).toEqual(expected('h', 'f', 'd'))
    expect(names(undefined, 'd', true)).toEqual(expected('b'))
    expect(names('x', undefined, false)).toEqual([])
    expect(names('g', 'c', false)).toEqual([])
    expect(names('g', 'c', true)).toEqual([])
  })

  it('keeps the operations of frames above a position', () => {
    const table = new Memtable()
    for (const position of [10, 20, 30]) {
      table.begin(position, { ms: position, counter: 0 })
      add(table, text(`k${position}`), position === 20 ? undefined : text(`${position}`))
    }
    expect(table.after(9)).toBe(table)
    expect(table.after(30)).toBe(undefined)
    const rest = table.after(10) as Memtable
    expect(entriesOf(rest.view())).toEqual([
      { key: text('k20'), value: undefined, ms: 20, counter: 0 },
      { key: text('k30'), value: text('30'), ms: 30, counter: 0 },
    ])
    expect(rest.position).toBe(30)
    expect(new Memtable().after(5)).toBeInstanceOf(Memtable)
  })

  it('copies what it is given', () => {
    const table = new Memtable()
    table.begin(1, { ms: 1, counter: 0 })
    const [name, value] = [text('key'), text('value')]
    add(table, name, value)
    name.fill(0)
    value.fill(0)
    const found = table.get(text('key'), hashKey(text('key')), 1) as Uint8Array
    expect(found).toEqual(text('value'))
    found.fill(1)
    expect(table.get(text('key'), hashKey(text('key')), 1)).toEqual(text('value'))
  })
})

describe('sorting keys', () => {
  it('gives the order of the keys, all at once or merged', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 150, selector: hex, size: 'max' }),
        fc.nat(150),
        (all, part) => {
          const bytes = new Uint8Array(Buffer.concat(all))
          const windows = { bytes, windows: windowsOf(all), stride: 2 }
          const ids = Int32Array.from(all, (_, i) => i)
          const [few, many] = [ids.slice(0, part), ids.slice(part)]
          for (const one of [ids, few, many]) sortKeys(one, windows)
          const keysOf = (sorted: Int32Array) => [...sorted].map((id) => all[id])
          expect(keysOf(ids)).toEqual([...all].sort(compareKeys))
          expect(mergeKeys(many, few, windows)).toEqual(ids)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is quick with keys that differ only at their end', () => {
    const count = 20_000
    const all = Array.from({ length: count }, (_, i) =>
      text(`${'p'.repeat(40)}${(i * 7919) % count}`),
    )
    const bytes = new Uint8Array(Buffer.concat(all))
    const ids = Int32Array.from(all, (_, i) => i)
    sortKeys(ids, { bytes, windows: windowsOf(all), stride: 2 })
    const sorted = [...ids].map((id) => all[id] as Uint8Array)
    expect(
      sorted.every((one, i) => i === 0 || compareKeys(sorted[i - 1] as Uint8Array, one) < 0),
    ).toBe(true)
  })
})
