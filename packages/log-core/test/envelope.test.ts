import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/log-core.json' with { type: 'json' }
import { decode, encode, envelope } from '../src/index.ts'

const block = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  writer: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 40 })),
  stamp: fc.record({
    ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    counter: fc.integer({ min: 0, max: 0xffff }),
  }),
  batchEnd: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 64 }),
})

describe('the envelope', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(block, (one) => {
        const back = decode(envelope, encode(envelope, one))
        expect({ ...back, payload: [...back.payload] }).toEqual({
          ...one,
          payload: [...one.payload],
        })
      }),
      { numRuns: 2000 },
    )
  })

  it.each(vectors.envelope)('has the known bytes of $about', ({ block: one, hex }) => {
    const payload = b4a.from(one.payload, 'hex')
    expect(b4a.toString(encode(envelope, { ...one, payload }), 'hex')).toBe(hex)
    const back = decode(envelope, b4a.from(hex, 'hex'))
    expect({ ...back, payload: b4a.toString(back.payload, 'hex') }).toEqual(one)
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.boolean(), (bytes, plausible) => {
        if (plausible && bytes.length > 1) {
          bytes[0] = 0xda
          bytes[1] = 0x10 | ((bytes[1] as number) & 3)
        }
        try {
          decode(envelope, bytes)
        } catch (error) {
          if (!isDatagramError(error)) throw error
        }
      }),
      { numRuns: 100_000 },
    )
  })

  it('names an unknown version and foreign bytes', () => {
    expect(() => decode(envelope, b4a.from('da20000000000000000000', 'hex'))).toThrowError(
      expect.objectContaining({ code: 'BLOCK_FORMAT_UNKNOWN' }),
    )
    expect(() => decode(envelope, b4a.from('0010000000000000000000', 'hex'))).toThrowError(
      expect.objectContaining({ code: 'BLOCK_FORMAT_UNKNOWN' }),
    )
    expect(() => decode(envelope, b4a.from('da10', 'hex'))).toThrowError(
      expect.objectContaining({ code: 'BLOCK_DAMAGED' }),
    )
  })
})
