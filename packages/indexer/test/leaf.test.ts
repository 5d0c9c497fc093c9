import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareKeys } from '../src/key-order.ts'
import { LeafCursor } from '../src/leaf-cursor.ts'
import { LeafPage } from '../src/leaf-page.ts'
import { LeafWriter } from '../src/leaf-writer.ts'
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../src/limits.ts'
import { hex, type PlainEntry, plainOf, text, viewOf } from './bytes.ts'

function write(entries: readonly PlainEntry[]): Uint8Array {
  const writer = new LeafWriter()
  for (const entry of entries) writer.add(viewOf(entry))
  const { bytes } = writer
  const leaf = writer.finish()
  expect(leaf.length).toBe(bytes)
  return leaf
}

function read(page: LeafPage, lending = false): PlainEntry[] {
  const cursor = new LeafCursor(lending)
  cursor.open(page)
  return Array.from({ length: page.count }, (_, i) => {
    cursor.moveTo(i)
    return plainOf(cursor.entry)
  })
}

const stampMs = fc.oneof(
  fc.nat(1000).map((ms) => 1_700_000_000_000 + ms),
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
)
const entries: fc.Arbitrary<PlainEntry[]> = fc
  .array(
    fc.record({
      key: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc.nat(300).map((n) => text(`user:${n}`)),
        fc.nat(300).map((n) => new Uint8Array(n).fill(7)),
      ),
      value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined, freq: 5 }),
      ms: stampMs,
      counter: fc.oneof(fc.constant(0), fc.nat(0xffff)),
    }),
    { minLength: 1, maxLength: 120, size: 'max' },
  )
  .map((all) => [...new Map(all.map((entry) => [hex(entry.key), entry])).values()])
  .map((all) => all.sort((a, b) => compareKeys(a.key, b.key)))

// As texts, which are compared much sooner than bytes are.
const told = (entries: readonly PlainEntry[]) =>
  entries.map(({ key, value, ...rest }) =>
    JSON.stringify({ key: hex(key), value: value && hex(value), ...rest }),
  )

describe('a leaf', () => {
  it('holds what was written, in either way of reading', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const page = LeafPage.decode(write(all))
        expect(told(read(page))).toEqual(told(all))
        expect(told(read(page, true))).toEqual(told(all))
      }),
      { numRuns: 150 },
    )
  })

  it('finds each of its keys and no other', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.uint8Array({ maxLength: 14 })), (all, others) => {
        const page = LeafPage.decode(write(all))
        for (const { key, value } of all) expect(page.get(key)).toEqual(value ?? null)
        const held = new Set(all.map(({ key }) => hex(key)))
        const near = all.flatMap(({ key }) => [key.subarray(0, -1), new Uint8Array([...key, 0])])
        for (const key of [...others, ...near]) {
          if (!held.has(hex(key))) expect(page.get(key)).toBe(undefined)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is sought by any key', () => {
    fc.assert(
      fc.property(entries, fc.uint8Array({ maxLength: 12 }), (all, key) => {
        const cursor = new LeafCursor(false)
        cursor.open(LeafPage.decode(write(all)))
        const first = all.findIndex((entry) => compareKeys(entry.key, key) >= 0)
        expect(cursor.seek(key)).toBe(first === -1 ? all.length : first)
      }),
      { numRuns: 150 },
    )
  })

  // The keys of 16 entries fit into the buffer of 4 KB, or do not, or hardly one does.
  it.each([200, 300, 4000])(
    'lends windows of keys of %i bytes that later moves leave alone',
    (bytes) => {
      const all = Array.from({ length: 100 }, (_, i) => ({
        key: text(`${'k'.repeat(bytes)}${String(i).padStart(3, '0')}`),
        value: text(`${i}`),
        ms: 5,
        counter: 0,
      }))
      const page = LeafPage.decode(write(all))
      const cursor = new LeafCursor(true)
      cursor.open(page)
      const lent = all.map((_, i) => {
        cursor.moveTo(i)
        const { keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd } = cursor.entry
        return [
          keyBytes.subarray(keyStart, keyEnd),
          valueBytes.subarray(valueStart, valueEnd),
        ] as const
      })
      expect(lent.flat().map(hex)).toEqual(all.flatMap(({ key, value }) => [hex(key), hex(value)]))
      for (const [key, value] of lent) {
        key.fill(0)
        value.fill(0)
      }
      expect(told(read(page))).toEqual(told(all))
      expect(told(read(page, true))).toEqual(told(all))
    },
  )

  it('holds the longest keys and values', () => {
    const all: PlainEntry[] = [
      { key: new Uint8Array(0), value: new Uint8Array(VALUE_BYTES_MAX), ms: 0, counter: 0 },
      {
        key: new Uint8Array(KEY_BYTES_MAX).fill(1),
        value: undefined,
        ms: 2 ** 48 - 1,
        counter: 0xffff,
      },
    ]
    expect(() => write(all)).not.toThrow()
    const one = all.slice(0, 1)
    expect(read(LeafPage.decode(write(one)))).toEqual(one)
    expect(read(LeafPage.decode(write(all.slice(1))))).toEqual(all.slice(1))
  })

  it('takes entries that begin below offset 65,536', () => {
    const writer = new LeafWriter()
    expect(writer.hasRoom).toBe(true)
    writer.add(
      viewOf({ key: text('a'), value: new Uint8Array(VALUE_BYTES_MAX), ms: 0, counter: 0 }),
    )
    expect(writer.hasRoom).toBe(false)
  })

  it('is refused when anything of it is not as promised', () => {
    const leaf = write(
      Array.from({ length: 20 }, (_, i) => ({
        key: text(`key ${i + 10}`),
        value: text('v'),
        ms: i,
        counter: i,
      })),
    )
    const damaged = { code: 'INDEX_BLOCK_DAMAGED' }
    expect(() => LeafPage.decode(leaf.subarray(0, -1))).toThrow(expect.objectContaining(damaged))
    expect(() => LeafPage.decode(new Uint8Array([...leaf, 0]))).toThrow(
      expect.objectContaining(damaged),
    )
    expect(() => LeafPage.decode(leaf.subarray(0, 4))).toThrow(expect.objectContaining(damaged))
    const unknown = { code: 'INDEX_FORMAT_UNKNOWN', details: { version: 2 } }
    expect(() => LeafPage.decode(Uint8Array.of(2, ...leaf.subarray(1)))).toThrow(
      expect.objectContaining(unknown),
    )
    expect(() => LeafPage.decode(new Uint8Array(0))).toThrow(
      expect.objectContaining({ code: 'INDEX_FORMAT_UNKNOWN' }),
    )
  })
})
