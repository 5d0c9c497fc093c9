import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addToFilter, filterBytes } from '../src/bloom-filter.ts'
import { FENCE_KIND, fence } from '../src/fence.ts'
import { decodeHead, HEAD_KIND } from '../src/head.ts'
import { checkIndex, type Index, type IndexOperation, openIndex } from '../src/index.ts'
import { hashKey } from '../src/key-hash.ts'
import { LeafCursor } from '../src/leaf-cursor.ts'
import { LEAF_KIND } from '../src/leaf-format.ts'
import { LeafPage } from '../src/leaf-page.ts'
import { allRuns, groupStart } from '../src/run.ts'
import { MemoryLog } from './memory-log.ts'

// Leaves of two or three entries, groups of a few leaves: every key is soon the first or the last of something.
const SIZES = { leafBytes: 64, groupBytes: 256, flushPositions: 1e9, flushBytes: 1e9, idleMs: 1e9 }
const HEADER_KIND = 1

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
// Keys that begin each other, stand side by side, and differ in their last byte alone.
const key = fc
  .array(fc.constantFrom(0, 1, 97, 98, 255), { minLength: 1, maxLength: 6 })
  .map((bytes) => new Uint8Array(bytes))
const keys = fc.uniqueArray(key, { selector: hex, minLength: 8, maxLength: 120 })
const put = (one: Uint8Array): IndexOperation => ({
  type: 'put',
  key: one,
  value: new Uint8Array(12),
})
const del = (one: Uint8Array): IndexOperation => ({ type: 'del', key: one })

async function newIndex(): Promise<{ log: MemoryLog; index: Index }> {
  const log = new MemoryLog()
  await log.append({ kind: HEADER_KIND, payload: new Uint8Array(1) })
  return { log, index: await openIndex(log, SIZES) }
}

// What the log of the data is long; it only rises.
let position = 0

function apply(index: Index, operations: readonly IndexOperation[]): void {
  position += 1
  index.apply(operations, { position, stamp: { ms: Date.now(), counter: 0 } })
}

/** As a stream's forgetting does, once the keys are deleted. */
async function sweep(index: Index): Promise<void> {
  await index.flush()
  await index.compact()
  await index.dropSuperseded()
}

/** Keys of a leaf. */
function keysOf(payload: Uint8Array): Uint8Array[] {
  const page = LeafPage.decode(payload)
  const cursor = new LeafCursor(false)
  cursor.open(page)
  return Array.from({ length: page.count }, (_, i) => {
    cursor.moveTo(i)
    return cursor.entry.key()
  })
}

/** What lies in the blocks that are left: keys of leaves, and all that fences and heads say of keys. */
function remnants(log: MemoryLog) {
  const inLeaves: Uint8Array[] = []
  const between: Uint8Array[] = []
  const filters: string[] = []
  for (const block of log.blocks) {
    if (block === undefined) continue
    const { kind, payload } = block
    if (kind === LEAF_KIND) inLeaves.push(...keysOf(payload))
    if (kind === FENCE_KIND) {
      const { leaves } = fence.decode({ start: 0, end: payload.length, buffer: payload })
      between.push(...leaves.map(({ separator }) => separator))
    }
    if (kind !== HEAD_KIND) continue
    const { tiers } = decodeHead(payload, block.index)
    for (const run of allRuns(tiers)) {
      between.push(run.last, ...run.groups.map(({ separator }) => separator))
      for (const group of run.groups) {
        const blocks = log.blocks.slice(groupStart(group), group.fence)
        filters.push(
          ...filterFaults(
            log,
            group.fence,
            blocks.flatMap((one) => one?.payload ?? []),
          ),
        )
      }
    }
    for (const { merge } of tiers) if (merge) between.push(merge.bound)
  }
  return { inLeaves, between: between.filter(({ length }) => length > 0), filters }
}

// A filter is what the keys of its leaves make of it, no bit more.
function filterFaults(log: MemoryLog, at: number, leaves: readonly Uint8Array[]): string[] {
  const payload = log.blocks[at]?.payload as Uint8Array
  const { filter } = fence.decode({ start: 0, end: payload.length, buffer: payload })
  const all = leaves.flatMap(keysOf)
  const expected = new Uint8Array(filterBytes(all.length))
  for (const one of all) {
    addToFilter(expected, 0, expected.length, hashKey(one, 0, one.length))
  }
  return hex(filter) === hex(expected) ? [] : [`the filter of block ${at} has other keys in it`]
}

/** All that is left says no more than prefixes of keys that are still there. */
function expectNothingOf(log: MemoryLog, survivors: readonly Uint8Array[]): void {
  const there = survivors.map(hex)
  const { inLeaves, between, filters } = remnants(log)
  expect(inLeaves.map(hex).sort()).toEqual([...there].sort())
  for (const one of between.map(hex)) {
    expect(
      there.some((survivor) => survivor.startsWith(one)),
      `remnant ${one}`,
    ).toBe(true)
  }
  expect(filters).toEqual([])
}

it('nothing is left of a forgotten key but what other keys have in common with it', async () => {
  const pieces = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 6 })
  const world = fc.record({
    all: keys,
    cuts: pieces,
    gone: fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    isMerged: fc.boolean(),
    edges: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(world, async ({ all, cuts, gone, isMerged, edges }) => {
      const { log, index } = await newIndex()
      try {
        // Several runs, merged or not, some of whose keys go without being forgotten at once.
        const deleted = new Set<string>()
        for (const [i, cut] of cuts.entries()) {
          const some = all.filter((_, at) => at % cuts.length === i)
          apply(index, some.map(put))
          await index.flush()
          const going = some.filter((_, at) => at % 7 === cut % 7)
          apply(index, going.map(del))
          for (const one of going) deleted.add(hex(one))
          if (isMerged) await index.compact()
        }
        const left = all.filter((one) => !deleted.has(hex(one)))
        // Those at the edges of leaves, or any.
        const firsts = new Set((edges ? edgesOf(log) : []).map(hex))
        const forgotten = left.filter((one) => firsts.has(hex(one)) || gone.next().value === 0)
        apply(index, forgotten.map(del))
        await sweep(index)
        const names = new Set(forgotten.map(hex))
        expectNothingOf(
          log,
          left.filter((one) => !names.has(hex(one))),
        )
        expect(await checkIndex(index)).toEqual([])
      } finally {
        await index.close()
      }
    }),
    { numRuns: 300 },
  )
}, 120_000)

// The first and last keys of the leaves that are there.
function edgesOf(log: MemoryLog): Uint8Array[] {
  return log.blocks.flatMap((block) => {
    if (block?.kind !== LEAF_KIND) return []
    const all = keysOf(block.payload)
    return [all[0] as Uint8Array, all.at(-1) as Uint8Array]
  })
}
