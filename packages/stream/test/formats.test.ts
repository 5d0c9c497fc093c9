import { decode, encode } from '@datagram/log-core'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/stream.json' with { type: 'json' }
import { type AloneRecord, decodeAlone, encodeAlone } from '../src/alone-record.ts'
import { contentsEntry, contentsKey, contentsNumber } from '../src/contents-entry.ts'
import { descriptorRecord } from '../src/descriptor-record.ts'
import { DroppedBlocks } from '../src/dropped-blocks.ts'
import { inlineEntry, placeEntry, readEntry } from '../src/entry-value.ts'
import { encodeHeader, streamHeader } from '../src/header.ts'
import { movedFrame } from '../src/moved-frame.ts'
import { type Place, place } from '../src/place.ts'
import { spaceNumber, spaceRecord } from '../src/space-record.ts'
import { streamKeys } from '../src/stream-keys.ts'
import { assertOnlyCodedErrors } from './damaged-input.ts'

const hex = (bytes: Uint8Array) => b4a.toString(bytes, 'hex')
const bytes = (text: string) => b4a.from(text, 'hex')
const validPlaces = vectors.places.map((one) => bytes(one.hex))

describe('a place', () => {
  it('comes back as it went in', () => {
    const anyPlace = fc.record({
      block: fc.integer({ min: 1, max: 2 ** 48 }),
      offset: fc.integer({ min: 1, max: 2 ** 24 }),
      size: fc.integer({ min: 1, max: 128 * 1024 * 1024 }),
      chunkBytes: fc.option(fc.integer({ min: 1024, max: 8 * 1024 * 1024 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(anyPlace, (one) => {
        const expected = { ...one, offset: one.chunkBytes === undefined ? one.offset : 0 }
        expect(decode(place, encode(place, one))).toEqual(expected)
        expect(readEntry(placeEntry(one))).toEqual(expected)
      }),
    )
  })

  it.each(vectors.places)('has the known bytes of one $about', ({ place: one, hex: known }) => {
    const expected: Place = { chunkBytes: undefined, ...one }
    expect(hex(encode(place, expected))).toBe(known)
    expect(decode(place, bytes(known))).toEqual(expected)
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    assertOnlyCodedErrors((input) => decode(place, input), validPlaces)
  })
})

describe('the value of an index entry', () => {
  it.each(vectors.inlineEntries)('has the known bytes of $about', ({ value, hex: known }) => {
    expect(hex(inlineEntry(bytes(value)))).toBe(known)
    expect(hex(readEntry(bytes(known)) as Uint8Array)).toBe(value)
  })

  it('refuses an empty entry and an unknown tag', () => {
    expect(() => readEntry(bytes(''))).toThrowError(
      expect.objectContaining({ code: 'INDEX_ENTRY_DAMAGED' }),
    )
    expect(() => readEntry(bytes('0301'))).toThrowError(
      expect.objectContaining({ code: 'INDEX_ENTRY_UNKNOWN' }),
    )
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    assertOnlyCodedErrors(readEntry, [...validPlaces, bytes('0064'), bytes('00')])
  })
})

describe('a header', () => {
  const withBytes = (one: (typeof vectors.headers)[number]['header']) => ({
    ...one,
    role: one.role as 'data' | 'index',
    extension: bytes(one.extension),
    writers: one.writers.map(({ dataKey, indexKey }) => ({
      dataKey: bytes(dataKey),
      indexKey: bytes(indexKey),
    })),
  })

  it.each(vectors.headers)('has the known bytes of $about', ({ header, hex: known }) => {
    expect(hex(encodeHeader(withBytes(header)))).toBe(known)
    const back = decode(streamHeader, bytes(known))
    expect({
      ...back,
      extension: hex(back.extension),
      writers: back.writers.map((one) => ({
        dataKey: hex(one.dataKey),
        indexKey: hex(one.indexKey),
      })),
    }).toEqual(header)
  })

  it('refuses another version, another role and a name that is none', () => {
    const known = (vectors.headers[0] as { hex: string }).hex
    const unknown = expect.objectContaining({ code: 'HEADER_FORMAT_UNKNOWN' })
    expect(() => decode(streamHeader, bytes(`02${known.slice(2)}`))).toThrowError(unknown)
    expect(() => decode(streamHeader, bytes(`0102${known.slice(4)}`))).toThrowError(unknown)
    const named = known.replace(hex(b4a.from('kv')), hex(b4a.from('K ')))
    expect(() => decode(streamHeader, bytes(named))).toThrowError(
      expect.objectContaining({ code: 'HEADER_DAMAGED' }),
    )
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    const valid = vectors.headers.map((one) => bytes(one.hex))
    assertOnlyCodedErrors((input) => decode(streamHeader, input), valid)
  })
})

describe('an entry about dropped blocks', () => {
  it.each(vectors.droppedEntries)('says $about', ({ key, value, dropped: known }) => {
    const dropped = new DroppedBlocks()
    dropped.apply({ type: 'put', key: bytes(key), value: bytes(value) })
    const { moved, forgottenAt } = dropped
    expect({ gone: dropped.gone(), moved: [...moved], forgottenAt }).toEqual(known)
  })
})

describe('a moved frame', () => {
  const known = vectors.movedFrames

  it.each(known)('has the known bytes of $about', ({ moved, hex: expected }) => {
    const one = { ...moved, payload: bytes(moved.payload) }
    expect(hex(encode(movedFrame, one))).toBe(expected)
    const back = decode(movedFrame, bytes(expected))
    expect({ ...back, payload: hex(back.payload) }).toEqual(moved)
  })

  it.each(vectors.refusedMovedFrames)('refuses $about', ({ hex: refused, code }) => {
    expect(() => decode(movedFrame, bytes(refused))).toThrowError(expect.objectContaining({ code }))
  })

  it('comes back as it went in', () => {
    const payload = fc
      .array(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.nat({ max: 40 })), { maxLength: 6 })
      .map((parts) =>
        b4a.concat(parts.map((part) => (typeof part === 'number' ? b4a.alloc(part) : part))),
      )
    const anyMoved = fc.record({
      block: fc.integer({ min: 1, max: 2 ** 48 }),
      stamp: fc.record({ ms: fc.nat(), counter: fc.nat({ max: 65_535 }) }),
      writer: fc.nat({ max: 1000 }),
      batchEnd: fc.boolean(),
      payload,
    })
    fc.assert(
      fc.property(anyMoved, (one) => {
        const back = decode(movedFrame, encode(movedFrame, one))
        expect({ ...back, payload: hex(back.payload) }).toEqual({
          ...one,
          payload: hex(one.payload),
        })
      }),
    )
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    const valid = known.map((one) => bytes(one.hex))
    assertOnlyCodedErrors((input) => decode(movedFrame, input), valid)
  })
})

describe('a record of what a machine forgot alone', () => {
  it.each(vectors.aloneRecords)('has the known bytes of $about', ({ record, hex: known }) => {
    const { dataKey, ranges, moved } = record as {
      dataKey: string
      ranges?: { start: number; end: number }[]
      moved?: string
    }
    const one = {
      type: record.type,
      dataKey: bytes(dataKey),
      ...(ranges === undefined ? {} : { ranges }),
      ...(moved === undefined ? {} : { moved: bytes(moved) }),
    } as AloneRecord
    expect(hex(encodeAlone(one))).toBe(known)
    expect(decodeAlone(bytes(known))).toEqual(one)
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    assertOnlyCodedErrors(
      decodeAlone,
      vectors.aloneRecords.map((one) => bytes(one.hex)),
    )
  })
})

describe('the table of contents', () => {
  it.each(vectors.contents)('has the known bytes of $about', ({ n, entry, keyHex, hex: known }) => {
    const place = { chunkBytes: undefined, ...entry.place }
    const expected = { ...entry, size: place.size, place }
    expect(hex(contentsKey(n))).toBe(keyHex)
    expect(contentsNumber(bytes(keyHex))).toBe(n)
    expect(hex(encode(contentsEntry, expected))).toBe(known)
    expect(decode(contentsEntry, bytes(known))).toEqual(expected)
  })

  it.each(vectors.forgottenContents)('has the known bytes of $about', ({ entry, hex: known }) => {
    const expected = { ...entry, place: undefined }
    expect(hex(encode(contentsEntry, expected))).toBe(known)
    expect(decode(contentsEntry, bytes(known))).toEqual(expected)
  })

  it('has keys in the order of the numbers', () => {
    const number = fc.integer({ min: 0, max: 2 ** 48 - 1 })
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(contentsNumber(contentsKey(a))).toBe(a)
        expect(Math.sign(b4a.compare(contentsKey(a), contentsKey(b)))).toBe(Math.sign(a - b))
      }),
    )
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    const valid = vectors.contents.map((one) => bytes(one.hex))
    assertOnlyCodedErrors((input) => decode(contentsEntry, input), valid)
    const keys = vectors.contents.map((one) => bytes(one.keyHex))
    assertOnlyCodedErrors(contentsNumber, keys, 1000)
  })
})

describe('the records of key spaces and descriptors', () => {
  it.each(vectors.spaces)('have the known bytes of $about', ({ record, hex: known }) => {
    expect(hex(encode(spaceRecord, record))).toBe(known)
    expect(decode(spaceRecord, bytes(known))).toEqual(record)
  })

  it.each(vectors.descriptors)('have the known bytes of $about', ({ record, hex: known }) => {
    const one = { id: bytes(record.id), definition: bytes(record.definition) }
    expect(hex(encode(descriptorRecord, one))).toBe(known)
    const back = decode(descriptorRecord, bytes(known))
    expect({ id: hex(back.id), definition: hex(back.definition) }).toEqual(record)
  })

  it('throw nothing but coded errors for 100,000 damaged inputs each', () => {
    const spaces = vectors.spaces.map((one) => bytes(one.hex))
    assertOnlyCodedErrors((input) => decode(spaceRecord, input), spaces)
    assertOnlyCodedErrors(spaceNumber, [bytes('0302')], 1000)
    const descriptors = vectors.descriptors.map((one) => bytes(one.hex))
    assertOnlyCodedErrors((input) => decode(descriptorRecord, input), descriptors)
  })
})

describe("the keys of a stream's logs", () => {
  it('are the known ones', () => {
    const { streamKey, dataKey, indexKey } = vectors.streamKeys
    const keys = streamKeys(bytes(streamKey))
    expect({ dataKey: hex(keys.dataKey), indexKey: hex(keys.indexKey) }).toEqual({
      dataKey,
      indexKey,
    })
  })

  it('are made of 32 bytes, and of nothing else', () => {
    expect(() => streamKeys(new Uint8Array(31))).toThrow(TypeError)
  })
})
