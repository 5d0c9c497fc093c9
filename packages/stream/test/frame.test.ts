import { decode, encode } from '@datagram/log-core'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/stream.json' with { type: 'json' }
import type { Frame, FrameOperation } from '../src/index.ts'
import { frame } from '../src/index.ts'
import { anyFrame } from './arbitraries.ts'
import { assertOnlyCodedErrors } from './damaged-input.ts'

describe('a frame', () => {
  it('comes back as it went in, with the offset of each body', () => {
    fc.assert(
      fc.property(anyFrame, (one) => {
        const payload = encode(frame, one)
        const back = decode(frame, payload)
        expect(plain(back)).toEqual(plain(one))
        for (const operation of back.operations) {
          if (!('body' in operation) || !('bytes' in operation.body)) continue
          const { bytes, offset } = operation.body
          expect(b4a.equals(payload.subarray(offset, offset + bytes.byteLength), bytes)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('takes 108 bytes for one put of a 14-byte key and a 90-byte value', () => {
    const key = new Uint8Array(14)
    const body = { bytes: new Uint8Array(90), offset: 0 }
    const put: FrameOperation = { type: 'put', space: 1, last: true, key, body }
    const one: Frame = { firstObject: undefined, seen: [], operations: [put] }
    expect(encode(frame, one).byteLength).toBe(108)
  })

  it.each(vectors.frames)('has the known bytes of $about', ({ frame: expected, hex }) => {
    const back = decode(frame, b4a.from(hex, 'hex'))
    expect(JSON.parse(JSON.stringify(plain(back)))).toEqual(expected)
    expect(b4a.toString(encode(frame, back), 'hex')).toBe(hex)
  })

  it.each(vectors.refusedFrames)('refuses $about', ({ hex, code }) => {
    expect(() => decode(frame, b4a.from(hex, 'hex'))).toThrowError(
      expect.objectContaining({ code }),
    )
  })

  it('throws nothing but coded errors for 100,000 damaged inputs', () => {
    const valid = fc.sample(anyFrame, 200).map((one) => encode(frame, one))
    assertOnlyCodedErrors((bytes) => decode(frame, bytes), valid)
  })
})

// Bodies and keys as hex, without offsets, which only decoding knows.
function plain({ firstObject, seen, operations }: Frame) {
  return {
    firstObject: firstObject ?? null,
    seen,
    operations: operations.map((operation) => ({
      ...operation,
      ...(operation.type === 'forget-range'
        ? {
            from: b4a.toString(operation.from, 'hex'),
            to: operation.to && b4a.toString(operation.to, 'hex'),
          }
        : {}),
      ...('key' in operation ? { key: b4a.toString(operation.key, 'hex') } : {}),
      ...('body' in operation ? { body: plainBody(operation.body) } : {}),
    })),
  }
}

function plainBody(body: Extract<FrameOperation, { type: 'put' }>['body']) {
  return 'bytes' in body ? b4a.toString(body.bytes, 'hex') : body
}
