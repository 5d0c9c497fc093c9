import fs from 'node:fs'
import { isDatagramError } from '@datagram/errors'
import { seededRun } from '@datagram/fault-harness'
import { describe, expect, test } from 'vitest'
import { decodeHonoured, encodeHonoured } from '../src/honoured-record.ts'
import { decodeMark, type MarkedKind, markKey, markValue } from '../src/mark-record.ts'

interface Vector {
  readonly about: string
  readonly kind: MarkedKind
  readonly id: string
  readonly label: string
  readonly reason: string
  readonly markedMs: number
  readonly key: string
  readonly value: string
}
interface HonouredVector {
  readonly about: string
  readonly labels: readonly string[]
  readonly from?: readonly string[]
  readonly evict: boolean
  readonly hex: string
}
const vectors: { marks: readonly Vector[]; honoured: readonly HonouredVector[] } = JSON.parse(
  fs.readFileSync(new URL('../../../test-vectors/multiplexer.json', import.meta.url), 'utf8'),
)
const { marks, honoured } = vectors
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

describe('a mark', () => {
  test.each(marks)(
    'has the known bytes: $about',
    ({ kind, id, label, reason, markedMs, key, value }) => {
      const mark = { kind, id: bytes(id), label, reason, markedMs }
      expect(Buffer.from(markKey(mark)).toString('hex')).toBe(key)
      expect(Buffer.from(markValue(mark)).toString('hex')).toBe(value)
      expect(decodeMark(bytes(key), bytes(value))).toEqual(mark)
    },
  )

  test('throws nothing but coded errors for 50,000 inputs', async () => {
    await seededRun((random) => {
      let refused = 0
      for (let i = 0; i < 50_000; i++) {
        const { key, value } = random.pick(marks)
        const [one, two] = [bytes(key), bytes(value)]
        one[random.between(0, one.byteLength)] = random.between(0, 256)
        two[random.between(0, two.byteLength)] = random.between(0, 256)
        try {
          decodeMark(
            one.subarray(0, random.between(0, one.byteLength + 1)),
            two.subarray(0, random.between(0, two.byteLength + 1)),
          )
        } catch (error) {
          if (!isDatagramError(error, 'MARK_DAMAGED')) throw error
          refused++
        }
      }
      expect(refused).toBeGreaterThan(500)
    })
  })

  test('is refused with what cannot be marked', () => {
    const id = new Uint8Array(32)
    expect(() => markKey({ kind: 'stream', id: id.subarray(1), label: 'spam' })).toThrow(TypeError)
    expect(() => markKey({ kind: 'stream', id, label: '' })).toThrow(TypeError)
    expect(() => markKey({ kind: 'stream', id, label: 'x'.repeat(65) })).toThrow(TypeError)
    expect(() => markKey({ kind: 'stream', id, label: 7 as never })).toThrow(TypeError)
    expect(() => markValue({ reason: 'x'.repeat(1025), markedMs: 0 })).toThrow(TypeError)
  })
})

describe('what is honoured', () => {
  test.each(honoured)('has the known bytes: $about', ({ labels, from, evict, hex }) => {
    expect(Buffer.from(encodeHonoured({ labels, from, evict })).toString('hex')).toBe(hex)
    expect(decodeHonoured(bytes(hex))).toEqual({ labels, from, evict })
  })

  test('throws nothing but coded errors for 100,000 damaged records', async () => {
    await seededRun((random) => {
      let refused = 0
      for (let i = 0; i < 100_000; i++) {
        const damaged = bytes(random.pick(honoured).hex)
        damaged[random.between(0, damaged.byteLength)] = random.between(0, 256)
        try {
          decodeHonoured(damaged.subarray(0, random.between(0, damaged.byteLength + 1)))
        } catch (error) {
          if (!isDatagramError(error, 'MARK_DAMAGED')) throw error
          refused++
        }
      }
      expect(refused).toBeGreaterThan(1000)
    })
  })

  test('has its bounds', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
    const evict = false
    expect(() => encodeHonoured({ labels: many(65), from: undefined, evict })).toThrow(TypeError)
    expect(() => encodeHonoured({ labels: ['spam'], from: many(1025), evict })).toThrow(TypeError)
  })
})
