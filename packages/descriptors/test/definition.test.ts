import { describe, expect, it } from 'vitest'
import {
  decodeDefinition,
  defineDescriptor,
  descriptorFromDefinition,
  encodeDefinition,
  list,
  oneOf,
  oneOfKinds,
  optional,
} from '../src/index.ts'
import { thrown } from './thrown.ts'

const define = (fields: unknown, more: object = {}) =>
  descriptorFromDefinition({ name: 'X', version: 1, fields, ...more })

describe('a definition', () => {
  it('is the same however it is written', () => {
    const Point = defineDescriptor({ name: 'Point', version: 1, fields: { at: 'time' } })
    const ways = [
      { a: 'text', b: optional('bytes'), c: list(Point), d: Point },
      {
        a: { kind: 'text' },
        b: { kind: 'bytes', optional: true, index: false },
        c: { kind: 'list', of: { kind: 'descriptor', of: Point } },
        d: { kind: Point, description: '' },
      },
      [
        { name: 'a', kind: 'text', optional: false },
        { name: 'b', kind: 'bytes', optional: true },
        { name: 'c', kind: 'list', of: { kind: 'descriptor', of: Point.definition } },
        { name: 'd', kind: 'descriptor', of: JSON.parse(JSON.stringify(Point)) },
      ],
    ].map((fields) => define(fields))
    expect(new Set(ways.map(({ idText }) => idText)).size).toBe(1)
    expect(ways[0]?.definition).toEqual(ways[2]?.definition)
  })

  it('is frozen, through and through, and does not follow what it was made of', () => {
    const values = ['a', 'b']
    const X = define({ x: { kind: 'oneOf', values } })
    values.push('c')
    expect(X.definition.fields[0]).toEqual({ name: 'x', kind: 'oneOf', values: ['a', 'b'] })
    const frozen = (part: unknown): boolean =>
      typeof part !== 'object' ||
      (Object.isFrozen(part) && Object.values(part as object).every(frozen))
    expect(frozen(X.definition)).toBe(true)
  })

  it.each([
    [null],
    ['text'],
    [{}],
    [{ name: '', version: 1, fields: {} }],
    [{ name: 'x'.repeat(257), version: 1, fields: {} }],
    [{ name: 'é'.repeat(129), version: 1, fields: {} }],
    [{ name: '\ud800', version: 1, fields: {} }],
    [{ name: 'a\u001b[2J', version: 1, fields: {} }],
    [{ name: 'X', version: 0, fields: {} }],
    [{ name: 'X', version: 1.5, fields: {} }],
    [{ name: 'X', version: '1', fields: {} }],
    [{ name: 'X', version: 65_536, fields: {} }],
    [{ name: 'X', version: 1, fields: 'at' }],
    [{ name: 'X', version: 1, fields: {}, extra: 1 }],
    [{ name: 'X', version: 1, fields: {}, description: 5 }],
    [{ name: 'X', version: 1, fields: {}, description: 'x'.repeat(4097) }],
  ])('refuses %j', (definition) => {
    const error = thrown(() => descriptorFromDefinition(definition))
    expect(error.code).toBe('DESCRIPTOR_INVALID')
    expect(error.details['problems']).not.toEqual([])
  })

  it.each([
    ['fields.x: expected the name of a kind', 'texts'],
    ['fields.x: expected the name of a kind', 5],
    ['fields.x.kind: is not the name of a kind', {}],
    ['fields.x.kind: is not the name of a kind', { kind: 'toString' }],
    ['fields.x.optinal: is not known here', { kind: 'text', optinal: true }],
    ['fields.x.optional: expected true or false', { kind: 'text', optional: 'yes' }],
    ['fields.x.of: does not belong', { kind: 'text', of: 'text' }],
    ['fields.x.of: expected the name of a kind', { kind: 'list' }],
    [
      'fields.x.of.optional: is not known here',
      { kind: 'list', of: { kind: 'text', optional: true } },
    ],
    ['fields.x.values: belongs to a oneOf', { kind: 'text', values: ['a'] }],
    ['fields.x.of: expected a list of kinds', { kind: 'oneOf' }],
    ['fields.x.values: expected a list of values', { kind: 'oneOf', values: [] }],
    ['fields.x.values: a value is listed twice', oneOf('a', 'a')],
    ['fields.x.values[0]: expected a text', { kind: 'oneOf', values: [null] }],
    ['fields.x.values[1]: expected a text', oneOf(0, -0)],
    ['fields.x.values[0]: expected a text', oneOf(Number.NaN)],
    ['fields.x.of: two of these kinds have the same name', oneOfKinds(list('text'), list('bytes'))],
    ['fields.x.of: text before link takes all', oneOfKinds('text', 'link')],
    ['fields.x.of: number before integer takes all', oneOfKinds('number', 'integer')],
    ['fields.x.of: time and number are both numbers', oneOfKinds('number', 'time')],
    ['fields.x.index: a field of this kind cannot', { kind: 'map', of: 'text', index: true }],
    [
      'fields.x.index: a field of this kind cannot',
      { kind: 'list', of: list('text'), index: true },
    ],
    ['fields.x.of: expected a definition', { kind: 'descriptor', of: 'Point' }],
    ['fields.x.name: is not the key', { kind: 'text', name: 'y' }],
  ])('refuses a field: %s', (message, field) => {
    const error = thrown(() => define({ x: field }))
    expect(error.code).toBe('DESCRIPTOR_INVALID')
    expect(error.message).toContain(message)
  })

  it('refuses two fields of one name, and lists all that is wrong', () => {
    const error = thrown(() =>
      define([{ name: 'a', kind: 'text' }, { name: 'a', kind: 'text' }, { kind: 'text' }, 7]),
    )
    expect(error.message).toContain('fields[1]: has the name of another')
    expect(error.details['problems']).toHaveLength(3)
  })

  it('bounds fields, values and depth', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 'text']))
    expect(define(many(1024)).definition.fields).toHaveLength(1024)
    expect(thrown(() => define(many(1025))).message).toContain('may have 1024 fields in all')
    const Half = define(many(600), { name: 'Half' })
    expect(thrown(() => define({ a: Half, b: Half })).message).toContain('1024 fields in all')
    const values = Array.from({ length: 1025 }, (_, i) => i)
    expect(thrown(() => define({ x: { kind: 'oneOf', values } })).message).toContain('1024 values')
    expect(define({ x: nestedLists(15) }).definition.fields).toHaveLength(1)
    expect(thrown(() => define({ x: nestedLists(16) })).message).toContain('more than 16 levels')
  })

  it('does bounded work on circles and on what is enormous', () => {
    const circle: Record<string, unknown> = { kind: 'list' }
    circle['of'] = circle
    expect(thrown(() => define({ x: circle })).code).toBe('DESCRIPTOR_INVALID')
    const wide: Record<string, unknown> = { kind: 'oneOf' }
    wide['of'] = [wide, wide, wide]
    expect(thrown(() => define({ x: wide })).code).toBe('DESCRIPTOR_INVALID')
    const own: Record<string, unknown> = { name: 'X', version: 1 }
    own['fields'] = { a: { kind: 'descriptor', of: own }, b: { kind: 'descriptor', of: own } }
    expect(thrown(() => descriptorFromDefinition(own)).code).toBe('DESCRIPTOR_INVALID')
    expect(thrown(() => define(new Array(2 ** 32 - 1))).code).toBe('DESCRIPTOR_INVALID')
    const shared = Array.from({ length: 20 }).reduce<unknown>(
      (of) => ({ kind: 'oneOf', of: [of, { kind: 'map', of }] }),
      'text',
    )
    expect(thrown(() => define({ x: shared })).code).toBe('DESCRIPTOR_INVALID')
  })

  it('keeps names that are properties of every object apart from those properties', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
    const X = define(names.map((name) => ({ name, kind: 'text', optional: true })))
    expect(X.decode(X.encode({}))).toEqual({})
    expect(X.toJSON({})).toEqual({})
    const data = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    for (const value of [X.create(data), X.decode(X.encode(data)), X.toJSON(data)]) {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(Object.entries(value)).toEqual([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ])
    }
    expect(({} as Record<string, unknown>)['a']).toBe(undefined)
  })
})

describe('the encoding of a definition', () => {
  const bytes = encodeDefinition(
    define({ at: 'time', mode: optional(oneOf('a', 1, true, false)), list: list('text') }),
  )

  it('takes a definition and a descriptor', () => {
    expect(encodeDefinition(decodeDefinition(bytes))).toEqual(bytes)
    expect(thrown(() => encodeDefinition({ name: 'X' } as never)).code).toBe('DESCRIPTOR_INVALID')
    expect(() => decodeDefinition('x' as never)).toThrow(TypeError)
  })

  it('is refused when it is cut short or goes on', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(thrown(() => decodeDefinition(bytes.subarray(0, length))).code).toBe(
        'DESCRIPTOR_DAMAGED',
      )
    }
    const longer = new Uint8Array([...bytes, 0])
    expect(thrown(() => decodeDefinition(longer)).code).toBe('DESCRIPTOR_DAMAGED')
  })

  it('tells a newer format from damage', () => {
    const newer = Uint8Array.from(bytes)
    newer[1] = 2
    expect(thrown(() => decodeDefinition(newer)).code).toBe('DESCRIPTOR_FORMAT_UNKNOWN')
    const kind = Uint8Array.from(encodeDefinition(define({ at: 'time' })))
    kind[kind.length - 1] = 10
    expect(thrown(() => decodeDefinition(kind)).code).toBe('DESCRIPTOR_FORMAT_UNKNOWN')
    const flags = Uint8Array.from(encodeDefinition(define({ at: 'time' })))
    flags[flags.length - 2] = 8
    expect(thrown(() => decodeDefinition(flags)).code).toBe('DESCRIPTOR_FORMAT_UNKNOWN')
  })

  it('has one form only', () => {
    const plain = [0xdd, 1, 1, 0x58, 1, 0, 1, 1, 0x61, 0, 1]
    expect(decodeDefinition(new Uint8Array(plain))).toEqual({
      name: 'X',
      version: 1,
      fields: [{ name: 'a', kind: 'text' }],
    })
    const others = {
      'a longer uint': [0xdd, 1, 1, 0x58, 0xfd, 1, 0, 0, 1, 1, 0x61, 0, 1],
      'an empty description': [0xdd, 1, 1, 0x58, 1, 0, 1, 1, 0x61, 4, 0, 1],
      'what is not UTF-8': [0xdd, 1, 1, 0xff, 1, 0, 1, 1, 0x61, 0, 1],
    }
    for (const [what, other] of Object.entries(others)) {
      expect(thrown(() => decodeDefinition(new Uint8Array(other))).code, what).toBe(
        'DESCRIPTOR_DAMAGED',
      )
    }
  })

  it('is refused with a million fields before they are read', () => {
    const fields = [0xdd, 1, 1, 0x58, 1, 0, 0xfe, 0x40, 0x42, 0x0f, 0]
    expect(thrown(() => decodeDefinition(new Uint8Array(fields))).message).toContain('1024 fields')
    const values = [
      0xdd, 1, 1, 0x58, 1, 0, 1, 1, 0x61, 0, 18, 0xff, 255, 255, 255, 255, 255, 255, 15, 0,
    ]
    expect(thrown(() => decodeDefinition(new Uint8Array(values))).message).toContain('1024 values')
    const deep = [0xdd, 1, 1, 0x58, 1, 0, 1, 1, 0x61, 0, ...new Array<number>(10_000).fill(16), 1]
    expect(thrown(() => decodeDefinition(new Uint8Array(deep))).message).toContain('16 levels')
  })
})

function nestedLists(depth: number): unknown {
  return depth === 0 ? 'text' : { kind: 'list', of: nestedLists(depth - 1) }
}
