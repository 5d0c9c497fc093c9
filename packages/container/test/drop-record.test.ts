import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/container.json' with { type: 'json' }
import { decodeDropRecord, encodeDropRecord } from '../src/drop-record.ts'

describe('a drop record', () => {
  it('has the known bytes', () => {
    const { hex, indexKey, ...rest } = vectors.dropRecord
    const record = { ...rest, indexKey: b4a.from(indexKey, 'hex') }
    expect(b4a.toString(encodeDropRecord(record), 'hex')).toBe(hex)
    expect(decodeDropRecord(b4a.from(hex, 'hex'))).toEqual(record)
  })

  it('is no other entry', () => {
    expect(decodeDropRecord(b4a.from(vectors.rosterEntry.hex, 'hex'))).toBeUndefined()
  })

  it.each([
    ['a range beyond the length', { dataLength: 5, data: [{ start: 3, end: 9 }] }],
    ['an empty range', { dataLength: 50, data: [{ start: 3, end: 3 }] }],
  ])('refuses %s', (_, wrong) => {
    const { hex: _hex, indexKey, ...rest } = vectors.dropRecord
    const bytes = encodeDropRecord({ ...rest, indexKey: b4a.from(indexKey, 'hex'), ...wrong })
    expect(() => decodeDropRecord(bytes)).toThrowError(
      expect.objectContaining({ code: 'RECORD_DAMAGED' }),
    )
  })

  it('refuses every record that is cut short, with a code', () => {
    const bytes = b4a.from(vectors.dropRecord.hex, 'hex')
    for (let length = 2; length < bytes.byteLength; length++) {
      expect(() => decodeDropRecord(bytes.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: 'RECORD_DAMAGED' }),
      )
    }
  })
})
