import { describe, expect, it } from 'vitest'
import { defineDescriptor, optional } from '../src/index.ts'
import { thrown } from './thrown.ts'

const First = defineDescriptor({ name: 'Point', version: 1, fields: { at: 'time', temp: 'text' } })
const Second = defineDescriptor(
  { name: 'Point', version: 2, fields: { at: 'time', celsius: 'number' } },
  { migrate: { from: First, to: ({ at, temp }) => ({ at, celsius: Number.parseFloat(temp) }) } },
)
const Third = defineDescriptor(
  { name: 'Point', version: 5, fields: { at: 'time', kelvin: 'number', note: optional('text') } },
  { migrate: { from: Second, to: ({ at, celsius }) => ({ at, kelvin: celsius + 273.15 }) } },
)

describe('a value of an earlier version', () => {
  it('is migrated when it is read, over as many versions as there are', () => {
    const old = First.encode({ at: 5, temp: '20 °C' })
    expect(Second.decode(old)).toEqual({ at: 5, celsius: 20 })
    expect(Third.decode(old)).toEqual({ at: 5, kelvin: 293.15 })
    expect(Third.decode(Second.encode({ at: 6, celsius: 0 }))).toEqual({ at: 6, kelvin: 273.15 })
    const own = { at: 7, kelvin: 1, note: 'own' }
    expect(Third.decode(Third.encode(own))).toEqual(own)
  })

  it('of a version that nobody migrates, or newer, is a coded error with its bytes', () => {
    const newest = defineDescriptor({ name: 'Point', version: 9, fields: {} }).encode({})
    for (const descriptor of [First, Second, Third]) {
      const error = thrown(() => descriptor.decode(newest))
      expect(error).toMatchObject({ code: 'DESCRIPTOR_VERSION_NEWER', details: { raw: newest } })
    }
    const skipped = defineDescriptor({ name: 'Point', version: 3, fields: {} }).encode({})
    // It goes down the chain to the first that cannot read it.
    expect(thrown(() => Third.decode(skipped)).code).toBe('DESCRIPTOR_VERSION_NEWER')
  })

  it('that does not become one of this version is refused with its path', () => {
    const Wrong = defineDescriptor(
      { name: 'Point', version: 2, fields: { at: 'time', celsius: 'number' } },
      { migrate: { from: First, to: ({ at, temp }) => ({ at, celsius: temp as never }) } },
    )
    const error = thrown(() => Wrong.decode(First.encode({ at: 5, temp: 'x' })))
    expect(error).toMatchObject({
      code: 'DATA_INVALID',
      details: { problems: [{ path: ['celsius'] }] },
    })
    const damaged = First.encode({ at: 5, temp: 'xyz' }).subarray(0, 6)
    expect(thrown(() => Second.decode(damaged)).code).toBe('DATA_DAMAGED')
  })

  it('is migrated from an earlier version of the same type, and from nothing else', () => {
    const Other = defineDescriptor({ name: 'Other', version: 1, fields: {} })
    for (const from of [Other, Second, Third]) {
      const define = () =>
        defineDescriptor(
          { name: 'Point', version: 2, fields: {} },
          { migrate: { from: from as typeof Other, to: () => ({}) } },
        )
      expect(define).toThrow(TypeError)
    }
  })
})
