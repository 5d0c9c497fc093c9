import fs from 'node:fs'
import { decode, encode } from '@datagram/log-core'
import { describe, expect, it } from 'vitest'
import { addToFilter, filterMayHold, filterPartition } from '../src/bloom-filter.ts'
import { type Fence, fence } from '../src/fence.ts'
import { FilterPage } from '../src/filter-page.ts'
import { decodeHead, encodeHead, type Head } from '../src/head.ts'
import { hashKey } from '../src/key-hash.ts'
import { LeafCursor } from '../src/leaf-cursor.ts'
import { LeafPage } from '../src/leaf-page.ts'
import { LeafWriter } from '../src/leaf-writer.ts'
import type { Run } from '../src/run.ts'
import { fromHex, hex, plainOf, viewOf } from './bytes.ts'

interface RunVector extends Omit<Run, 'groups' | 'last'> {
  readonly last: string
  readonly groups: readonly { separator: string; fence: number; leaves: number; filters: number }[]
}

interface Vectors {
  readonly hashes: readonly { key: string; hash: string }[]
  readonly filters: readonly { about: string; keys: string[]; hex: string }[]
  readonly partitions: readonly { key: string; partitions: number; partition: number }[]
  readonly leaves: readonly {
    about: string
    entries: { key: string; value: string | null; ms: number; counter: number }[]
    hex: string
  }[]
  readonly fences: readonly {
    about: string
    fence: {
      tombstones: number
      bytes: number
      leaves: { separator: string; entries: number }[]
      filter: string
    }
    hex: string
  }[]
  readonly heads: readonly {
    about: string
    head: {
      covers: number
      superseded: { start: number; end: number }[]
      tiers: { run: RunVector; merge: { bound: string; inputs: RunVector[] } | null }[]
    }
    hex: string
  }[]
}

const file = new URL('../../../test-vectors/indexer.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors

const runOf = (run: RunVector): Run => ({
  ...run,
  last: fromHex(run.last),
  groups: run.groups.map((group) => ({ ...group, separator: fromHex(group.separator) })),
})

describe('known answers', () => {
  it.each(vectors.hashes)('of the hash of $key', ({ key, hash }) => {
    expect((hashKey(fromHex(key)) >>> 0).toString(16).padStart(8, '0')).toBe(hash)
  })

  it('of the hash are those that others publish', () => {
    const hash = (text: string) => hashKey(new Uint8Array(Buffer.from(text))) >>> 0
    expect(hash('')).toBe(0)
    expect(hash('test')).toBe(0xba6bd213)
    expect(hash('Hello, world!')).toBe(0xc0363e43)
    expect(hash('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723)
  })

  it.each(vectors.filters)('of a filter: $about', ({ keys, hex: expected }) => {
    const bytes = new Uint8Array(fromHex(expected).length)
    for (const key of keys) addToFilter(bytes, 0, bytes.length, hashKey(fromHex(key)))
    expect(hex(bytes)).toBe(expected)
    const page = FilterPage.decode(Uint8Array.of(1, ...bytes))
    for (const key of keys) {
      expect(filterMayHold(page.bytes, 1, page.bytes.length, hashKey(fromHex(key)))).toBe(true)
    }
  })

  it.each(vectors.partitions)('of the partition of $key', ({ key, partitions, partition }) => {
    expect(filterPartition(hashKey(fromHex(key)), partitions)).toBe(partition)
  })

  it.each(vectors.leaves)('of a leaf: $about', ({ entries, hex: expected }) => {
    const plain = entries.map(({ key, value, ...stamp }) => ({
      key: fromHex(key),
      value: value === null ? undefined : fromHex(value),
      ...stamp,
    }))
    const writer = new LeafWriter()
    for (const entry of plain) writer.add(viewOf(entry))
    expect(hex(writer.finish())).toBe(expected)
    const cursor = new LeafCursor(false)
    cursor.open(LeafPage.decode(fromHex(expected)))
    plain.forEach((entry, i) => {
      cursor.moveTo(i)
      expect(plainOf(cursor.entry)).toEqual(entry)
    })
  })

  it.each(vectors.fences)('of a fence: $about', ({ fence: plain, hex: expected }) => {
    const one: Fence = {
      ...plain,
      filter: fromHex(plain.filter),
      leaves: plain.leaves.map((leaf) => ({ ...leaf, separator: fromHex(leaf.separator) })),
    }
    expect(hex(encode(fence, one))).toBe(expected)
    expect(decode(fence, fromHex(expected))).toEqual(one)
  })

  it.each(vectors.heads)('of a head: $about', ({ head: plain, hex: expected }) => {
    const one: Head = {
      ...plain,
      tiers: plain.tiers.map(({ run, merge }) => ({
        run: runOf(run),
        merge:
          merge === null
            ? undefined
            : { bound: fromHex(merge.bound), inputs: merge.inputs.map(runOf) },
      })),
    }
    expect(hex(encodeHead(one))).toBe(expected)
    expect(decodeHead(fromHex(expected), 10_000)).toEqual(one)
  })
})
