import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/container.json' with { type: 'json' }
import { decodeHosted, encodeHosted } from '../src/hosted-record.ts'
import {
  decodeLeaving,
  decodeRosterEntry,
  encodeLeaving,
  encodeRosterEntry,
} from '../src/roster.ts'
import { assertStreamName } from '../src/stream-name.ts'
import { decodeStreamRecord, encodeStreamRecord } from '../src/stream-record.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const keys = { id: bytes(16), indexKey: bytes(32), dataKey: bytes(32), streamKey: bytes(32) }
const record = fc.record({
  attached: fc.boolean(),
  ...keys,
  type: fc.string({ unit: 'grapheme' }),
  title: fc.string({ unit: 'grapheme' }),
  labels: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
  createdMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  former: fc.array(fc.record(keys), { maxLength: 16 }),
})

function throwsOnlyCoded(read: (input: Uint8Array) => unknown, good: Uint8Array): void {
  const flipped = fc
    .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
    .map(([at, value, cut]) => {
      const bad = Uint8Array.from(good)
      bad[at] = value
      return bad.subarray(0, cut)
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), flipped), (input) => {
      try {
        read(input)
      } catch (error) {
        if (!isDatagramError(error)) throw error
      }
    }),
    { numRuns: 100_000 },
  )
}

describe('a stream’s record', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(record, (one) => {
        const back = decodeStreamRecord(encodeStreamRecord(one))
        expect(back).toEqual({ ...one, ...mapped(one), former: one.former.map(mapped) })
      }),
    )
  })

  it('has the known bytes', () => {
    const { hex, record: plain } = vectors.streamRecord
    const back = decodeStreamRecord(b4a.from(hex, 'hex'))
    expect(b4a.toString(encodeStreamRecord(back), 'hex')).toBe(hex)
    expect(back).toMatchObject({ type: plain.type, title: plain.title, labels: plain.labels })
    expect(back.createdMs).toBe(plain.createdMs)
  })

  it('has the known bytes when it has a roster of its own', () => {
    const { hex, rosterKey } = vectors.rosteredRecord
    const back = decodeStreamRecord(b4a.from(hex, 'hex'))
    expect(back.rosterKey).toEqual(b4a.from(rosterKey, 'hex'))
    expect(back.former).toEqual([])
    expect(b4a.toString(encodeStreamRecord(back), 'hex')).toBe(hex)
    const both = {
      ...back,
      former: decodeStreamRecord(b4a.from(vectors.rekeyedRecord.hex, 'hex')).former,
    }
    expect(decodeStreamRecord(encodeStreamRecord(both))).toEqual(both)
  })

  it('has the known bytes when it was keyed anew', () => {
    const { hex, former } = vectors.rekeyedRecord
    const back = decodeStreamRecord(b4a.from(hex, 'hex'))
    expect(back.former.map(({ indexKey }) => b4a.toString(indexKey, 'hex'))).toEqual(
      former.map(({ indexKey }) => indexKey),
    )
    expect(b4a.toString(encodeStreamRecord(back), 'hex')).toBe(hex)
    const many = Array.from({ length: 17 }, () => back.former[0] as (typeof back.former)[number])
    const bytes = encodeStreamRecord({ ...back, former: many })
    expect(() => decodeStreamRecord(bytes)).toThrow(code('RECORD_DAMAGED'))
  })

  it('throws nothing but coded errors for 100,000 inputs', () => {
    throwsOnlyCoded(decodeStreamRecord, b4a.from(vectors.streamRecord.hex, 'hex'))
    throwsOnlyCoded(decodeStreamRecord, b4a.from(vectors.rekeyedRecord.hex, 'hex'))
  })
})

describe('a roster entry', () => {
  it('has the known bytes', () => {
    const { hex, indexKey, dataKey } = vectors.rosterEntry
    const entry = decodeRosterEntry(b4a.from(hex, 'hex'))
    expect(entry).toEqual({
      indexKey: b4a.from(indexKey, 'hex'),
      dataKey: b4a.from(dataKey, 'hex'),
    })
    expect(b4a.toString(encodeRosterEntry(entry as NonNullable<typeof entry>), 'hex')).toBe(hex)
  })

  it('is passed over when its type is not known', () => {
    expect(decodeRosterEntry(b4a.from('0102ff', 'hex'))).toBeUndefined()
  })

  it('throws nothing but coded errors for 100,000 inputs', () => {
    throwsOnlyCoded(decodeRosterEntry, b4a.from(vectors.rosterEntry.hex, 'hex'))
  })
})

describe('an entry of the roster for a stream that leaves', () => {
  it('has the known bytes', () => {
    const { hex, indexKey } = vectors.leavingEntry
    expect(b4a.toString(encodeLeaving(b4a.from(indexKey, 'hex')), 'hex')).toBe(hex)
    expect(decodeLeaving(b4a.from(hex, 'hex'))).toEqual(b4a.from(indexKey, 'hex'))
    expect(decodeRosterEntry(b4a.from(hex, 'hex'))).toBeUndefined()
  })

  it('throws nothing but coded errors for 100,000 inputs', () => {
    throwsOnlyCoded(decodeLeaving, b4a.from(vectors.leavingEntry.hex, 'hex'))
  })
})

describe('the record of what is hosted', () => {
  it('has the known bytes', () => {
    const { hex, key, otherKey } = vectors.hosted
    const link = decodeHosted(b4a.from(hex, 'hex'))
    expect(link).toEqual({
      kind: 'container',
      key: b4a.from(key, 'hex'),
      otherKey: b4a.from(otherKey, 'hex'),
    })
    expect(b4a.toString(encodeHosted(link), 'hex')).toBe(hex)
  })

  it('has the known bytes of a stream with a roster of its own', () => {
    const { hex, rosterKey } = vectors.hostedStream
    const link = decodeHosted(b4a.from(hex, 'hex'))
    expect(link).toMatchObject({ kind: 'stream', rosterKey: b4a.from(rosterKey, 'hex') })
    expect(b4a.toString(encodeHosted(link), 'hex')).toBe(hex)
  })

  it('throws nothing but coded errors for 100,000 inputs', () => {
    throwsOnlyCoded(decodeHosted, b4a.from(vectors.hosted.hex, 'hex'))
    throwsOnlyCoded(decodeHosted, b4a.from(vectors.hostedStream.hex, 'hex'))
  })
})

describe('a stream’s name', () => {
  it('is readable text of 1 to 255 bytes', () => {
    for (const name of ['a', 'Ärger 💌', '../etc', 'x'.repeat(255), ' ']) assertStreamName(name)
    for (const name of ['', 'x'.repeat(256), 'a\0b', 'line\nbreak', '\ud800']) {
      expect(() => assertStreamName(name)).toThrow(code('STREAM_NAME_INVALID'))
    }
    expect(() => assertStreamName(7)).toThrow(TypeError)
  })
})

function mapped(one: {
  id: Uint8Array
  indexKey: Uint8Array
  dataKey: Uint8Array
  streamKey: Uint8Array
}) {
  const { id, indexKey, dataKey, streamKey } = one
  return {
    id: b4a.from(id),
    indexKey: b4a.from(indexKey),
    dataKey: b4a.from(dataKey),
    streamKey: b4a.from(streamKey),
  }
}
