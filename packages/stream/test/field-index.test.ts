import { defineDescriptor, list } from '@datagram/descriptors'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/stream.json' with { type: 'json' }
import { fieldKeys, objectOf } from '../src/field-index.ts'
import { encodeFieldValue, type FieldValue } from '../src/field-value.ts'

const hex = (bytes: Uint8Array | undefined) => bytes && b4a.toString(bytes, 'hex')

/** A value of the vectors, where JSON cannot say it: a text of digits with n, hex after 0x. */
function valueOf(given: string | number | boolean): FieldValue {
  if (typeof given !== 'string') return given
  if (/^-?\d+n$/.test(given)) return BigInt(given.slice(0, -1))
  if (given.startsWith('0x')) return b4a.from(given.slice(2), 'hex')
  return given === 'NaN' ? Number.NaN : given
}

describe('the index of fields', () => {
  it.each(vectors.fieldValues)('has the known bytes of $value', ({ value, hex: known }) => {
    expect(hex(encodeFieldValue(valueOf(value)))).toBe(known)
  })

  it('has the known keys of an object', () => {
    const { descriptor, n, keys } = vectors.fieldKeys
    const { definition } = defineDescriptor({
      name: 'Tagged',
      version: 1,
      fields: { title: 'text', tags: { ...list('text'), index: true } },
    })
    const value = { title: 'x', tags: ['a', 'b', 'a'] }
    const made = fieldKeys(descriptor, definition, value, n)
    expect(made.map(hex)).toEqual(keys)
    expect(made.map(objectOf)).toEqual([n, n])
  })

  it('orders numbers, bigints, texts and bytes as they are ordered', () => {
    const sign = (a: FieldValue, b: FieldValue) =>
      Math.sign(
        b4a.compare(encodeFieldValue(a) ?? b4a.alloc(0), encodeFieldValue(b) ?? b4a.alloc(0)),
      )
    const number = fc.double({ noNaN: true })
    fc.assert(fc.property(number, number, (a, b) => sign(a, b) === (a < b ? -1 : a > b ? 1 : 0)))
    const bigint = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n })
    fc.assert(fc.property(bigint, bigint, (a, b) => sign(a, b) === (a < b ? -1 : a > b ? 1 : 0)))
    const bytes = fc.uint8Array({ maxLength: 6, max: 2 })
    fc.assert(fc.property(bytes, bytes, (a, b) => sign(a, b) === Math.sign(b4a.compare(a, b))))
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, (a, b) => {
        return sign(a, b) === Math.sign(b4a.compare(b4a.from(a), b4a.from(b)))
      }),
    )
  })

  it('refuses a key that is cut short with a code', () => {
    const cut = () => objectOf(new Uint8Array(12))
    expect(cut).toThrowError(expect.objectContaining({ code: 'INDEX_ENTRY_DAMAGED' }))
  })
})
