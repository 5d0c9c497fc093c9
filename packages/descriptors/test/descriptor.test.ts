import { isDatagramError } from '@datagram/errors'
import { describe, expect, it } from 'vitest'
import {
  defineDescriptor,
  isDescriptor,
  list,
  map,
  oneOf,
  oneOfKinds,
  optional,
  pathText,
  payloadVersion,
} from '../src/index.ts'
import { thrown } from './thrown.ts'

const Point = defineDescriptor({
  name: 'Point',
  version: 1,
  fields: { at: 'time', celsius: 'number' },
})

const Trip = defineDescriptor({
  name: 'Trip',
  version: 2,
  description: 'A way that somebody went.',
  fields: {
    title: { kind: 'text', index: true },
    stops: list(Point),
    mode: oneOf('foot', 'train', 1),
    tags: optional(map('boolean')),
    note: { kind: 'text', optional: true, description: 'what one would tell' },
    cover: optional(oneOfKinds('bytes', 'link')),
  },
})

const trip = {
  title: 'to the sea',
  stops: [
    { at: new Date(1_700_000_000_000), celsius: 4.5 },
    { at: 1_700_000_060_000, celsius: -0 },
  ],
  mode: 'train',
  tags: { long: true, __proto__: null } as unknown as Record<string, boolean>,
  cover: new Uint8Array([1, 2, 3]),
} as const

describe('create', () => {
  it('gives a frozen copy, through and through', () => {
    const value = Trip.create(trip)
    expect(value).toEqual({
      title: 'to the sea',
      stops: [
        { at: 1_700_000_000_000, celsius: 4.5 },
        { at: 1_700_000_060_000, celsius: -0 },
      ],
      mode: 'train',
      tags: { long: true },
      cover: new Uint8Array([1, 2, 3]),
    })
    for (const part of [value, value.stops, value.stops[0], value.tags]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(value.cover).not.toBe(trip.cover)
  })

  it('leaves out fields that are undefined', () => {
    const value = Trip.create({ title: 'x', stops: [], mode: 1, note: undefined })
    expect(Object.keys(value)).toEqual(['title', 'stops', 'mode'])
  })

  it('refuses what does not fit, with every problem and its path', () => {
    const error = thrown(() =>
      Trip.create({
        title: 'x',
        stops: [{ at: 1.5, celsius: 1 }, { at: 1, celsius: 'warm' }, { at: 1 }],
        mode: 'plane',
        tags: { sunny: 'yes' },
        extra: 1,
      } as never),
    )
    expect(isDatagramError(error, 'DATA_INVALID')).toBe(true)
    const problems = error.details['problems'] as { path: (string | number)[]; message: string }[]
    expect(problems.map(({ path, message }) => `${pathText(path)}: ${message}`)).toEqual([
      'stops[0].at: expected a time: whole milliseconds since 1970 or a Date, got a number',
      'stops[1].celsius: expected a number, got a text',
      'stops[2].celsius: is missing',
      'mode: expected one of "foot", "train", 1, got a text',
      'tags.sunny: expected true or false, got a text',
      'extra: is no field of Trip',
    ])
    expect(error.message).toBe(
      'the data is no Trip: stops[0].at: expected a time: whole milliseconds since 1970 or a Date, got a number; stops[1].celsius: expected a number, got a text; stops[2].celsius: is missing; and 3 more; correct what is named',
    )
    expect(error.details).toMatchObject({ name: 'Trip', version: 2 })
  })

  it('never puts a value into a message, as it may be a secret', () => {
    const error = thrown(() => Point.create({ at: 'hunter2', celsius: 'hunter2' } as never))
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2')
  })

  it('keeps messages short, whatever a key is like', () => {
    const error = thrown(() => Point.create({ at: 1, celsius: 1, ['k'.repeat(1e6)]: 1 } as never))
    expect(error.message.length).toBeLessThan(500)
    expect(pathText(['a', 3, 'b c', '', 'ключ'])).toBe('a[3]["b c"][""].ключ')
  })

  it('takes own properties only, and no symbols', () => {
    class Reading {
      at = 1
      get celsius() {
        return 2
      }
    }
    expect(thrown(() => Point.create(new Reading() as never)).code).toBe('DATA_INVALID')
    expect(thrown(() => Point.encode(new Reading() as never)).code).toBe('DATA_INVALID')
    expect(Point.create({ at: 1, celsius: 2, [Symbol('x')]: 3 } as never)).toEqual({
      at: 1,
      celsius: 2,
    })
  })
})

describe('validate', () => {
  it('gives the value or the problems', () => {
    expect(Point.validate({ at: 0, celsius: 1 })).toEqual({
      valid: true,
      value: { at: 0, celsius: 1 },
    })
    expect(Point.validate({ at: 0 })).toEqual({
      valid: false,
      problems: [{ path: ['celsius'], message: 'is missing' }],
    })
    for (const data of [null, undefined, 1, 'x', [], () => 0]) {
      expect(Point.validate(data)).toMatchObject({ valid: false, problems: [{ path: [] }] })
    }
  })

  it('stops at a hundred problems, however much is wrong', () => {
    const Many = defineDescriptor({ name: 'Many', version: 1, fields: { of: list('integer') } })
    const result = Many.validate({ of: Array.from({ length: 1_000_000 }, () => 'x') })
    expect(result.valid ? 0 : result.problems.length).toBe(100)
    const sparse = Many.validate({ of: new Array(2 ** 32 - 1) })
    expect(sparse.valid ? 0 : sparse.problems.length).toBe(100)
    const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]))
    const unknown = Many.validate({ of: [], ...keys })
    expect(unknown.valid ? 0 : unknown.problems.length).toBe(100)
  })
})

describe('encode and decode', () => {
  it('round-trips', () => {
    expect(Trip.decode(Trip.encode(trip))).toEqual(Trip.create(trip))
  })

  it('gives the same bytes whatever the order of the fields and of the keys', () => {
    const bytes = Trip.encode({ ...trip, tags: { a: true, b: false, é: true } })
    const { title, mode, ...rest } = trip
    const other = { ...rest, mode, tags: { é: true, b: false, a: true }, title }
    expect(Trip.encode(other)).toEqual(bytes)
  })

  it('refuses on encode what create refuses', () => {
    for (const data of [
      null,
      [],
      {},
      { at: 1 },
      { at: 1, celsius: 1, x: 1 },
      { at: NaN, celsius: 1 },
    ]) {
      const error = thrown(() => Point.encode(data as never))
      expect(error.code).toBe('DATA_INVALID')
      expect(error).toEqual(thrown(() => Point.create(data as never)))
    }
  })

  it('gives plain bytes that do not change when more is encoded', () => {
    const first = Point.encode({ at: 1, celsius: 1 })
    const copy = Uint8Array.from(first)
    for (let i = 0; i < 2000; i++) Point.encode({ at: i, celsius: i })
    expect(first).toEqual(copy)
    expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype)
  })

  it('holds texts of every length and width, beside what is larger than a buffer', () => {
    const Note = defineDescriptor({ name: 'Note', version: 1, fields: { a: 'text', b: 'text' } })
    for (const unit of ['x', 'é', '€', '🗝️', '\ufffd', '\u0000', '\ufeff']) {
      for (const length of [
        0, 1, 8, 15, 16, 17, 24, 25, 42, 43, 127, 128, 1024, 1025, 5000, 40_000,
      ]) {
        const text = unit.repeat(length)
        expect(Note.decode(Note.encode({ a: text, b: unit }))).toEqual({ a: text, b: unit })
      }
    }
  })

  it('reads of texts exactly what the platform takes for UTF-8', () => {
    const Note = defineDescriptor({ name: 'Note', version: 1, fields: { a: 'text' } })
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const read = (decode: () => string) => {
      try {
        return decode()
      } catch {
        return undefined
      }
    }
    const edges = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
    ]
    edges.push(0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff)
    const tails = [[], [0x41], [0x80], [0x80, 0x80], [0xbf, 0x41]]
    for (const first of edges) {
      for (const second of edges) {
        for (const tail of tails) {
          for (const padding of [0, 20]) {
            const text = [...new Array<number>(padding).fill(0x61), first, second, ...tail]
            const payload = Uint8Array.from([1, 1, text.length, ...text])
            expect(read(() => Note.decode(payload).a)).toBe(
              read(() => strict.decode(Uint8Array.from(text))),
            )
          }
        }
      }
    }
  })

  it('is not confused by a value that encodes another while it is read', () => {
    const data = {
      at: 1,
      get celsius() {
        return Point.decode(Point.encode({ at: 5, celsius: 7 })).celsius
      },
    }
    expect(Point.decode(Point.encode(data))).toEqual({ at: 1, celsius: 7 })
  })

  it('survives a value that throws while it is read, and one that changes', () => {
    const failing = {
      at: 1,
      get celsius(): number {
        throw new RangeError('mine')
      },
    }
    expect(thrown(() => Point.encode(failing)).message).toBe('mine')
    let reads = 0
    const moody = {
      at: 1,
      get celsius() {
        return (reads++ === 0 ? 'warm' : 3) as number
      },
    }
    expect(thrown(() => Point.encode(moody)).message).toContain(
      'changed while it was being written',
    )
    expect(Point.decode(Point.encode({ at: 2, celsius: 3 }))).toEqual({ at: 2, celsius: 3 })
  })

  it('takes bytes only', () => {
    for (const bytes of [undefined, 'x', [1, 2], new ArrayBuffer(4)]) {
      expect(() => Point.decode(bytes as never)).toThrow(TypeError)
      expect(() => payloadVersion(bytes as never)).toThrow(TypeError)
    }
  })

  it('reads from a Buffer and from a part of a larger buffer', () => {
    const bytes = Trip.encode(trip)
    const larger = new Uint8Array(bytes.length + 20)
    larger.set(bytes, 9)
    expect(Trip.decode(larger.subarray(9, 9 + bytes.length))).toEqual(Trip.create(trip))
    const decoded = Trip.decode(Buffer.from(bytes))
    expect(decoded).toEqual(Trip.create(trip))
    expect(Object.getPrototypeOf(decoded.cover)).toBe(Uint8Array.prototype)
  })

  it('gives values that share nothing with the bytes', () => {
    const bytes = Trip.encode(trip)
    const decoded = Trip.decode(bytes)
    bytes.fill(0)
    expect(decoded.cover).toEqual(trip.cover)
  })
})

describe('a descriptor', () => {
  it('has the definition, name, version and id', () => {
    expect(Point.name).toBe('Point')
    expect(Point.version).toBe(1)
    expect(Point.definition).toEqual({
      name: 'Point',
      version: 1,
      fields: [
        { name: 'at', kind: 'time' },
        { name: 'celsius', kind: 'number' },
      ],
    })
    expect(Point.id).toHaveLength(32)
    expect(Buffer.from(Point.id).toString('hex')).toBe(Point.idText)
    const id = Point.id
    id.fill(0)
    expect(Point.id).not.toEqual(id)
    expect(Object.isFrozen(Point)).toBe(true)
    expect(isDescriptor(Point)).toBe(true)
    expect(isDescriptor(Point.definition)).toBe(false)
  })

  it('is its definition to JSON.stringify', () => {
    expect(JSON.parse(JSON.stringify(Point))).toEqual(Point.definition)
    expect(JSON.parse(JSON.stringify({ of: [Point] }))).toEqual({ of: [Point.definition] })
    expect(thrown(() => Point.toJSON(undefined as never)).code).toBe('DATA_INVALID')
  })

  it('has methods that need no this', () => {
    const { encode, decode, create, validate, toJSON, fromJSON, describe: words } = Point
    const data = { at: 1, celsius: 2 }
    expect(decode(encode(create(data)))).toEqual(fromJSON(toJSON(data)))
    expect(validate(data).valid).toBe(true)
    expect(words()).toContain('Point')
  })

  it('says itself in words', () => {
    expect(Trip.describe()).toBe(
      [
        'Trip, version 2, 6 fields — A way that somebody went.',
        '  title: text, searchable',
        '  stops: list of Point',
        '    Point, version 1, 2 fields',
        '      at: time',
        '      celsius: number',
        '  mode: one of "foot", "train", 1',
        '  tags: map of true or false, optional',
        '  note: text, optional — what one would tell',
        '  cover: one of: bytes; link, optional',
      ].join('\n'),
    )
  })
})

describe('Standard Schema', () => {
  it('gives the value or the issues', async () => {
    const schema = Point['~standard']
    expect(schema.version).toBe(1)
    expect(schema.vendor).toBe('datagram')
    expect(await schema.validate({ at: new Date(5), celsius: 1 })).toEqual({
      value: { at: 5, celsius: 1 },
    })
    expect(await schema.validate({ at: 0, celsius: '1' })).toEqual({
      issues: [{ path: ['celsius'], message: 'expected a number, got a text' }],
    })
  })
})
