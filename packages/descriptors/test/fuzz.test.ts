import assert from 'node:assert/strict'
import { isDatagramError } from '@datagram/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeDefinition,
  defineDescriptor,
  type Descriptor,
  type DescriptorErrorCode,
  descriptorFromDefinition,
  encodeDefinition,
  list,
  map,
  oneOf,
  oneOfKinds,
  optional,
} from '../src/index.ts'
import { dataOf, definition } from './random-definitions.ts'

const INPUTS = 100_000

const Point = defineDescriptor({
  name: 'Point',
  version: 1,
  fields: { at: 'time', celsius: 'number' },
})
const Everything = defineDescriptor({
  name: 'Everything',
  version: 1,
  fields: {
    text: { kind: 'text', index: true, description: 'a text' },
    integer: 'integer',
    bigint: optional('bigint'),
    boolean: 'boolean',
    bytes: optional('bytes'),
    hash: optional('namedHash'),
    link: optional('link'),
    points: list(Point),
    map: optional(map(list('integer'))),
    mode: oneOf('a', 1, true),
    kinds: optional(oneOfKinds('integer', 'number', 'link', 'text', Point)),
    nested: optional(Point),
  },
})
const everything = {
  text: 'häuser und bäume, länger als ein kurzer Text',
  integer: -70_000,
  bigint: 2n ** 90n,
  boolean: true,
  bytes: new Uint8Array(5),
  hash: `SHA256-${'ab'.repeat(32)}`,
  link: 'datagram://abc',
  points: [{ at: 1, celsius: 2 }],
  map: { a: [1, 2], b: [], é: [3] },
  mode: 1,
  kinds: 'x',
  nested: { at: -5, celsius: Number.NaN },
} as const

const known: ReadonlySet<string> = new Set<DescriptorErrorCode>([
  'DATA_DAMAGED',
  'DESCRIPTOR_DAMAGED',
  'DESCRIPTOR_FORMAT_UNKNOWN',
  'DESCRIPTOR_INVALID',
  'DESCRIPTOR_VERSION_NEWER',
  'DESCRIPTOR_VERSION_OLDER',
])

/** What `read` says of bytes: what it read, or `undefined` when it refused them as it may. */
function attempt<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes)
  } catch (error) {
    if (isDatagramError(error) && known.has(error.code)) return undefined
    throw error
  }
}

/** Hostile bytes: random ones, and `valid` with bytes changed, cut, put in or repeated. */
function hostile(seed: number, valid: readonly Uint8Array[]): () => Uint8Array {
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return () => {
    if (below(5) === 0) return Uint8Array.from({ length: below(48) }, () => below(256))
    let bytes = Buffer.from(valid[below(valid.length)] as Uint8Array)
    for (let changes = below(3); changes >= 0; changes--) {
      const at = below(bytes.length)
      const change = below(4)
      if (change === 0) bytes[at] = below(256)
      else if (change === 1)
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))])
      else {
        const added =
          change === 2 ? bytes.subarray(at, at + below(8)) : special[below(special.length)]
        bytes = Buffer.concat([bytes.subarray(0, at), added as Uint8Array, bytes.subarray(at)])
      }
    }
    return bytes
  }
}

const special = [0, 0x7f, 0x80, 0xff].map((byte) => Uint8Array.of(byte))

/** A small generator of numbers (mulberry32), so that a failing seed can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Reads bytes; what is read is written, exported and imported to the same bytes, always. */
function readThrough(
  descriptor: Descriptor<unknown, unknown>,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const value = attempt((each) => descriptor.decode(each), bytes)
  if (value === undefined) return undefined
  const written = descriptor.encode(value)
  const json = JSON.parse(JSON.stringify(descriptor.toJSON(value))) as unknown
  const imported = descriptor.encode(descriptor.fromJSON(json))
  const again = descriptor.encode(descriptor.decode(written))
  assert.ok(Buffer.compare(written, again) === 0 && Buffer.compare(written, imported) === 0)
  return written
}

describe('hostile bytes', () => {
  const seed = Date.now() % 2 ** 31

  it(`give values or coded errors, seed ${seed}`, { timeout: 60_000 }, () => {
    const valid = [Everything.encode(everything), Everything.encode({ ...everything, map: {} })]
    const next = hostile(seed, valid)
    let read = 0
    for (let i = 0; i < INPUTS; i++) {
      const bytes = next()
      const written = readThrough(Everything, bytes)
      if (written === undefined) continue
      read++
      // The same bytes that were read, unless there were fields that the reader does not know.
      const hasUnknown = bytes.length !== written.length || bytes[1] !== written[1]
      assert.ok(hasUnknown || Buffer.compare(written, bytes) === 0)
    }
    expect(read).toBeGreaterThan(INPUTS / 100)
    expect(read).toBeLessThan(INPUTS)
  })

  it(`give definitions or coded errors, seed ${seed}`, { timeout: 60_000 }, () => {
    const valid = [encodeDefinition(Everything), encodeDefinition(Point)]
    const next = hostile(seed, valid)
    let read = 0
    for (let i = 0; i < INPUTS; i++) {
      const bytes = next()
      const decoded = attempt(decodeDefinition, bytes)
      if (decoded === undefined) continue
      read++
      assert.equal(Buffer.compare(encodeDefinition(decoded), bytes), 0)
    }
    expect(read).toBeGreaterThan(INPUTS / 100)
    expect(read).toBeLessThan(INPUTS)
  })

  it('give coded errors to any definition', () => {
    fc.assert(
      fc.property(definition(3), fc.gen(), fc.nat(), (each, gen, changes) => {
        const descriptor = descriptorFromDefinition(each)
        const next = hostile(changes, [descriptor.encode(gen(dataOf, each))])
        for (let i = 0; i < 20; i++) readThrough(descriptor, next())
      }),
      { numRuns: 200 },
    )
  })

  it('cost work as they are long, whatever they promise', () => {
    const Rows = defineDescriptor({
      name: 'Rows',
      version: 1,
      fields: { rows: list(list('text')) },
    })
    for (const count of [
      [0x7f],
      [0xff, 0xff, 0xff, 0x7f],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
    ]) {
      expect(attempt((bytes) => Rows.decode(bytes), new Uint8Array([1, 1, ...count]))).toBe(
        undefined,
      )
    }
  })
})

describe('hostile JSON', () => {
  it('gives values or DATA_INVALID', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(everything)), (json, field) => {
        const valid = Everything.toJSON(everything)
        for (const each of [json, { ...valid, [field]: json }]) {
          try {
            Everything.fromJSON(each)
          } catch (error) {
            expect(isDatagramError(error, 'DATA_INVALID')).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('gives definitions or DESCRIPTOR_INVALID', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        for (const each of [
          json,
          { name: 'X', version: 1, fields: json },
          { name: 'X', version: 1, fields: { x: json } },
        ]) {
          try {
            descriptorFromDefinition(each)
          } catch (error) {
            expect(isDatagramError(error, 'DESCRIPTOR_INVALID')).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })
})
