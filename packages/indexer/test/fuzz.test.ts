import { isDatagramError } from '@datagram/errors'
import { encode } from '@datagram/log-core'
import { it } from 'vitest'
import { fence } from '../src/fence.ts'
import { FencePage } from '../src/fence-page.ts'
import { FilterPage } from '../src/filter-page.ts'
import { decodeHead, encodeHead } from '../src/head.ts'
import { LeafCursor } from '../src/leaf-cursor.ts'
import { LeafPage } from '../src/leaf-page.ts'
import { LeafWriter } from '../src/leaf-writer.ts'
import { text, viewOf } from './bytes.ts'

const INPUTS = 100_000
const CODES = ['INDEX_BLOCK_DAMAGED', 'INDEX_HEAD_DAMAGED', 'INDEX_FORMAT_UNKNOWN']

/** Mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A sample with bytes changed, cut, repeated or replaced. */
function damage(sample: Uint8Array, random: (below: number) => number): Uint8Array {
  if (random(8) === 0) {
    return Uint8Array.from({ length: random(64) }, (_, i) => (i === 0 ? 1 : random(256)))
  }
  const bytes = sample.slice(0, random(3) === 0 ? random(sample.length + 1) : sample.length)
  for (let changes = random(4); changes > 0 && bytes.length > 0; changes--) {
    const special = [0, 1, 0xfc, 0xfd, 0xfe, 0xff, 0x7f, 0x80]
    const byte = random(2) === 0 ? (special[random(special.length)] as number) : random(256)
    bytes[random(bytes.length)] = byte
  }
  return bytes
}

function fuzz(samples: readonly Uint8Array[], read: (bytes: Uint8Array) => void): void {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1e9)
  const random = randomNumbers(seed)
  for (let i = 0; i < INPUTS; i++) {
    const bytes = damage(samples[i % samples.length] as Uint8Array, random)
    try {
      read(bytes)
    } catch (error) {
      if (isDatagramError(error) && CODES.includes(error.code)) continue
      throw new Error(`FUZZ_SEED=${seed}, ${Buffer.from(bytes).toString('hex')}`, { cause: error })
    }
  }
}

function leafOf(count: number, ms: number): Uint8Array {
  const writer = new LeafWriter()
  for (let i = 0; i < count; i++) {
    const key = text(`k${String(i).padStart(3, '0')}`)
    writer.add(
      viewOf({
        key,
        value: i % 5 === 0 ? undefined : text(`${i}`),
        ms: ms + (i % 7) - 3,
        counter: i % 3,
      }),
    )
  }
  return writer.finish()
}

it(`a damaged leaf is refused with a code, or holds whole entries (${INPUTS} inputs)`, () => {
  const cursor = new LeafCursor(false)
  const target = text('k004')
  fuzz([leafOf(1, 9), leafOf(5, 1e12), leafOf(20, 1e12), leafOf(40, 5)], (bytes) => {
    const page = LeafPage.decode(bytes)
    page.get(target)
    cursor.open(page)
    for (let i = 0; i < page.count; i++) cursor.moveTo(i)
    if (cursor.entry.keyEnd - cursor.entry.keyStart > 4097)
      throw new Error('a key beyond its limit')
  })
})

it(`a damaged fence is refused with a code, or is whole (${INPUTS} inputs)`, () => {
  const leaves = Array.from({ length: 9 }, (_, i) => ({
    separator: text(`key${i}`),
    entries: 80 + i,
  }))
  const samples = [1, 3, 9].map((count) =>
    encode(fence, {
      tombstones: 2,
      bytes: 9000,
      leaves: leaves.slice(0, count),
      filter: text('filter'),
    }),
  )
  fuzz(samples, (bytes) => {
    const page = FencePage.decode(bytes)
    page.leafOf(text('key4'))
  })
})

it(`a damaged filter is refused with a code, or is whole (${INPUTS} inputs)`, () => {
  fuzz([Uint8Array.of(1, 2, 3, 4, 5)], (bytes) => FilterPage.decode(bytes))
})

it(`a damaged head is refused with a code, or is whole (${INPUTS} inputs)`, () => {
  const groups = Array.from({ length: 5 }, (_, i) => ({
    separator: text(`k${i}`),
    fence: 1000 + 130 * i,
    leaves: 100,
    filters: 3,
  }))
  const run = {
    groups,
    last: text('k9'),
    entries: 5000,
    tombstones: 3,
    bytes: 500_000,
    superseded: 9,
  }
  const samples = [
    encodeHead({ covers: 5, tiers: [], superseded: [] }),
    encodeHead({
      covers: 90_000,
      tiers: [{ run, merge: undefined }],
      superseded: [{ start: 2, end: 9 }],
    }),
    encodeHead({
      covers: 1,
      tiers: [
        { run, merge: { bound: text('k5'), inputs: [run, run] } },
        { run, merge: undefined },
      ],
      superseded: [
        { start: 2, end: 9 },
        { start: 12, end: 14 },
      ],
    }),
  ]
  fuzz(samples, (bytes) => decodeHead(bytes, 3000))
})
