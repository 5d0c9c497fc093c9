import { describe, expect, it } from 'vitest'
import {
  createRegistry,
  defineDescriptor,
  type Descriptor,
  descriptorFromDefinition,
  list,
  optional,
  payloadVersion,
} from '../src/index.ts'
import { thrown } from './thrown.ts'

const fields = { at: 'time', celsius: 'number', note: optional('text') } as const
const Old = defineDescriptor({ name: 'Point', version: 1, fields })
const New = defineDescriptor({
  name: 'Point',
  version: 1,
  fields: { ...fields, humidity: optional('number'), by: optional(list('text')) },
})
const Next = defineDescriptor({
  name: 'Point',
  version: 2,
  fields: { at: 'time', kelvin: 'number' },
})

describe('versions', () => {
  it('old readers skip optional fields that were added at the end', () => {
    const data = { at: 1, celsius: 2, note: 'x', humidity: 3, by: ['me'] }
    expect(Old.decode(New.encode(data))).toEqual({ at: 1, celsius: 2, note: 'x' })
    expect(Old.decode(New.encode({ at: 1, celsius: 2 }))).toEqual({ at: 1, celsius: 2 })
  })

  it('new readers find them absent in old data', () => {
    expect(New.decode(Old.encode({ at: 1, celsius: 2 }))).toEqual({ at: 1, celsius: 2 })
  })

  it('nested definitions grow in the same way, without disturbing what follows them', () => {
    const nest = (of: Descriptor<unknown, unknown>) =>
      descriptorFromDefinition({
        name: 'Trip',
        version: 1,
        fields: { stops: list(of), last: of, end: 'text' },
      })
    const point = { at: 1, celsius: 2 }
    const more = { ...point, humidity: 50, by: ['a', 'b'] }
    const trip = { stops: [more, point], last: more, end: 'here' }
    expect(nest(Old).decode(nest(New).encode(trip))).toEqual({
      stops: [point, point],
      last: point,
      end: 'here',
    })
    const registry = createRegistry()
    registry.add(nest(Old))
    registry.add(nest(New))
    expect(registry.size).toBe(2)
  })

  it('a newer version is refused with its bytes, and so is an older one', () => {
    const bytes = Next.encode({ at: 1, kelvin: 2 })
    const newer = thrown(() => Old.decode(bytes))
    expect(newer.code).toBe('DESCRIPTOR_VERSION_NEWER')
    expect(newer.details).toEqual({ name: 'Point', version: 2, known: 1, raw: bytes })
    const older = thrown(() => Next.decode(Old.encode({ at: 1, celsius: 2 })))
    expect(older.code).toBe('DESCRIPTOR_VERSION_OLDER')
    expect(older.details).toMatchObject({ version: 1, known: 2 })
  })

  it('a payload says its version', () => {
    expect(payloadVersion(Next.encode({ at: 1, kelvin: 2 }))).toBe(2)
    expect(thrown(() => payloadVersion(new Uint8Array())).code).toBe('DATA_DAMAGED')
  })

  it('what cannot be of the definition is damaged', () => {
    const Strict = defineDescriptor({
      name: 'Point',
      version: 1,
      fields: { ...fields, humidity: 'number' },
    })
    const missing = thrown(() => Strict.decode(Old.encode({ at: 1, celsius: 2 })))
    expect(missing.code).toBe('DATA_DAMAGED')
    const bytes = Old.encode({ at: 1, celsius: 2 })
    expect(thrown(() => Old.decode(new Uint8Array([...bytes, 0]))).code).toBe('DATA_DAMAGED')
    const bits = Uint8Array.from(bytes)
    bits[2] = 0x80
    expect(thrown(() => Old.decode(bits)).message).toContain('bits of fields are set')
  })
})

describe('a registry', () => {
  it('finds descriptors by name, version and id', () => {
    const registry = createRegistry()
    expect(registry.add(Old)).toBe(Old)
    registry.add(New)
    registry.add(Next)
    expect(registry.get('Point', 1)).toBe(New)
    expect(registry.get('Point', 2)).toBe(Next)
    expect(registry.get('Point')).toBe(Next)
    expect(registry.get('Point', 3)).toBe(undefined)
    expect(registry.get('toString')).toBe(undefined)
    expect(registry.byId(Old.id)).toBe(Old)
    expect(registry.byId(Old.idText)).toBe(Old)
    expect(registry.byId('00')).toBe(undefined)
    expect([...registry]).toEqual([Old, New, Next])
  })

  it('keeps one of the same definition', () => {
    const registry = createRegistry()
    registry.add(Old)
    const same = defineDescriptor({ name: 'Point', version: 1, fields })
    expect(registry.add(same)).toBe(Old)
    expect(registry.size).toBe(1)
  })

  it.each([
    ['celsius', { at: 'time', celsius: 'text', note: optional('text') }],
    ['at', { celsius: 'number', at: 'time', note: optional('text') }],
    ['note', { at: 'time', celsius: 'number', note: 'text' }],
    [
      'note',
      { at: 'time', celsius: 'number', note: { kind: 'text', optional: true, index: true } },
    ],
    ['humidity', { ...fields, more: 'text' }],
    ['humidity', { ...fields, humidity: optional('text') }],
    ['humidity', { ...fields, humidity: optional(list('number')) }],
  ])('refuses a contradiction at %s', (path, other) => {
    const registry = createRegistry()
    registry.add(Old)
    registry.add(New)
    const added = descriptorFromDefinition({ name: 'Point', version: 1, fields: other })
    const error = thrown(() => registry.add(added))
    expect(error.code).toBe('DESCRIPTOR_CONFLICT')
    expect(error.details).toEqual({ name: 'Point', version: 1, path })
    expect(registry.size).toBe(2)
  })

  it('refuses a field that is added and must be there', () => {
    const registry = createRegistry()
    registry.add(Old)
    const added = defineDescriptor({
      name: 'Point',
      version: 1,
      fields: { ...fields, more: 'text' },
    })
    expect(thrown(() => registry.add(added)).details['path']).toBe('more')
  })

  it('looks into lists, alternatives and nested definitions', () => {
    const registry = createRegistry()
    const of = (inner: unknown) =>
      descriptorFromDefinition({
        name: 'X',
        version: 1,
        fields: {
          x: {
            kind: 'list',
            of: { kind: 'oneOf', of: ['text', { kind: 'descriptor', of: inner }] },
          },
        },
      })
    registry.add(of(Old))
    registry.add(of(New))
    expect(thrown(() => registry.add(of(Next))).details['path']).toBe('x')
    const other = { name: 'Point', version: 1, fields: { at: 'text' } }
    expect(thrown(() => registry.add(of(other))).details['path']).toBe('x.at')
  })

  it('takes other descriptions', () => {
    const registry = createRegistry()
    registry.add(Old)
    registry.add(
      defineDescriptor({ name: 'Point', version: 1, description: 'better said', fields }),
    )
    expect(registry.size).toBe(2)
  })

  it('takes descriptors only', () => {
    expect(() => createRegistry().add(Old.definition as never)).toThrow(TypeError)
  })

  it('is bounded', () => {
    const registry = createRegistry({ descriptorsMax: 1 })
    registry.add(Old)
    expect(thrown(() => registry.add(Next)).code).toBe('DESCRIPTOR_REGISTRY_FULL')
    const variants = createRegistry()
    const add = (i: number) =>
      variants.add(defineDescriptor({ name: 'X', version: 1, description: `${i}`, fields: {} }))
    for (let i = 1; i <= 32; i++) add(i)
    expect(thrown(() => add(33)).code).toBe('DESCRIPTOR_REGISTRY_FULL')
  })
})
