import { isDatagramError } from '@datagram/errors'
import { Random } from '@datagram/fault-harness'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeVersion, encodeVersion } from '../src/kv-version.ts'

const unreadable = expect.objectContaining({ code: 'VERSION_UNREADABLE' })

describe('a version', () => {
  it('is written as these are', () => {
    const known = [
      [{ position: 0, transactions: 0 }, 'AQEAAAA'],
      [{ position: 252, transactions: 1 }, 'AQEA_AE'],
      [{ position: 253, transactions: 0 }, 'AQEA_f0AAA'],
      [{ position: 70_000, transactions: 300 }, 'AQEA_nARAQD9LAE'],
      [{ position: Number.MAX_SAFE_INTEGER, transactions: 0 }, 'AQEA_________x8AAA'],
    ] as const
    for (const [moment, text] of known) {
      expect(encodeVersion(moment)).toBe(text)
      expect(decodeVersion(text)).toEqual(moment)
    }
  })

  it('is read as it was written', () => {
    const part = fc.maxSafeNat()
    fc.assert(
      fc.property(part, part, (position, transactions) => {
        const moment = { position, transactions }
        expect(decodeVersion(encodeVersion(moment))).toEqual(moment)
      }),
    )
  })

  it('is refused with a code when it is anything else', () => {
    const odd = ['', 'x', 'AQEAAA', 'AQEAAAA=', 'AQEAAAAA', 'AgEAAAA', 'AQIAAAAAAAA', 'AQEBAAA']
    for (const text of [...odd, 'AQEA/AE', 'AQEA_fwAAA', 'AQEA__________8A', 'A'.repeat(1e6)]) {
      expect(() => decodeVersion(text), text.slice(0, 40)).toThrow(unreadable)
    }
    for (const value of [undefined, null, 7, {}, new Uint8Array([1, 1, 0, 0, 0])]) {
      expect(() => decodeVersion(value)).toThrow(TypeError)
    }
  })

  it('comes with nothing but a moment or a code out of 100,000 random ones', () => {
    const random = new Random(Date.now())
    const valid = Buffer.from('AQEA_nARAQD9LAE', 'base64url')
    for (let i = 0; i < 100_000; i++) {
      const bytes = random.chance(0.5) ? Buffer.from(valid) : Buffer.alloc(random.between(0, 30))
      for (let n = random.between(1, 4); n > 0; n--) {
        if (bytes.length > 0) bytes[random.between(0, bytes.length)] = random.between(0, 256)
      }
      const text = bytes.toString('base64url')
      try {
        expect(encodeVersion(decodeVersion(text))).toBe(text)
      } catch (error) {
        const isCoded = isDatagramError(error, 'VERSION_UNREADABLE')
        if (!isCoded) throw new Error(`seed ${random.seed}: ${text}`, { cause: error })
      }
    }
  })
})
