import { describe, expect, it } from 'vitest'
import { defineDescriptor, type KindInput, list, map, oneOf, oneOfKinds } from '../src/index.ts'
import { thrown } from './thrown.ts'

const sha = `SHA256-${'0a'.repeat(32)}`

/** Values of each kind: what they are read back as, and their JSON. */
const fitting: readonly (readonly [KindInput, unknown, unknown, unknown])[] = [
  ['text', '', '', ''],
  ['text', 'a\u0000\ufeff\ufffd🗝️', 'a\u0000\ufeff\ufffd🗝️', 'a\u0000\ufeff\ufffd🗝️'],
  ['integer', -0, 0, 0],
  ['integer', 2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1],
  ['integer', -(2 ** 53 - 1), -(2 ** 53 - 1), -(2 ** 53 - 1)],
  ['bigint', 2n ** 255n - 1n, 2n ** 255n - 1n, (2n ** 255n - 1n).toString()],
  ['bigint', -(2n ** 255n), -(2n ** 255n), (-(2n ** 255n)).toString()],
  ['bigint', 0n, 0n, '0'],
  ['number', -0, -0, '-0'],
  ['number', Number.NaN, Number.NaN, 'NaN'],
  ['number', Infinity, Infinity, 'Infinity'],
  ['number', -Infinity, -Infinity, '-Infinity'],
  ['number', 5e-324, 5e-324, 5e-324],
  ['boolean', false, false, false],
  ['time', new Date(1_777_636_800_123), 1_777_636_800_123, '2026-05-01T12:00:00.123Z'],
  ['time', -1, -1, '1969-12-31T23:59:59.999Z'],
  ['time', 8.64e15, 8.64e15, '+275760-09-13T00:00:00.000Z'],
  ['time', -8.64e15, -8.64e15, '-271821-04-20T00:00:00.000Z'],
  ['time', -0, 0, '1970-01-01T00:00:00.000Z'],
  ['bytes', new Uint8Array(), new Uint8Array(), ''],
  ['bytes', Buffer.from([255, 254]), new Uint8Array([255, 254]), '//4='],
  ['namedHash', sha, sha, sha],
  ['namedHash', `MD5-${'ff'.repeat(16)}`, `MD5-${'ff'.repeat(16)}`, `MD5-${'ff'.repeat(16)}`],
  ['link', 'datagram://yfcc7', 'datagram://yfcc7', 'datagram://yfcc7'],
  ['link', 'mailto:a@b', 'mailto:a@b', 'mailto:a@b'],
  [list('bigint'), [1n], [1n], ['1']],
  [map('time'), { a: 0 }, { a: 0 }, { a: '1970-01-01T00:00:00.000Z' }],
  [oneOf('a', 1, true), 'a', 'a', 'a'],
  [oneOf('1', 1, true), 1, 1, 1],
  [oneOf(0), -0, 0, 0],
  [oneOfKinds('integer', 'number'), 5, 5, { integer: 5 }],
  [oneOfKinds('integer', 'number'), 5.5, 5.5, { number: 5.5 }],
  [oneOfKinds('bytes', 'text'), 'aGk=', 'aGk=', { text: 'aGk=' }],
]

/** What does not fit each kind. */
const unfitting: readonly (readonly [KindInput, readonly unknown[]])[] = [
  ['text', [1, null, '\ud800', new String('x')]],
  ['integer', [1.5, 2 ** 53, Number.NaN, 1n, '1']],
  ['bigint', [1, 2n ** 255n, -(2n ** 255n) - 1n, '1']],
  ['number', ['1', 1n, null, new Number(1)]],
  ['boolean', [0, 'true', null]],
  ['time', [1.5, 8.64e15 + 1, new Date(Number.NaN), '2026-05-01', Number.NaN]],
  ['bytes', ['aGk=', [1], new ArrayBuffer(2), new Uint16Array(1)]],
  [
    'namedHash',
    [
      '',
      'SHA256-',
      'SHA256-0a',
      sha.toUpperCase(),
      `sha256-${'0a'.repeat(32)}`,
      `X-${'0a'.repeat(65)}`,
      `${sha}\n`,
    ],
  ],
  [
    'link',
    [
      '',
      'example.org',
      'https:',
      'https://a b',
      'https://a\n',
      `x:${'y'.repeat(8192)}`,
      'x:\ud800',
    ],
  ],
  [list('text'), ['x', { length: 0 }, [1], [undefined], new Set()]],
  [
    map('text'),
    [[], new Map(), new Date(), 'x', null, { a: 1 }, { a: undefined }, { '\ud800': 'x' }],
  ],
  [oneOf('a', 1), ['b', '1', undefined, 2, true]],
  [oneOfKinds('text', 'bytes'), [1, null, {}]],
]

/** JSON that does not fit each kind. */
const unfittingJson: readonly (readonly [KindInput, readonly unknown[]])[] = [
  [
    'bigint',
    ['', '1.0', '0x1', '01', '-0', '+1', ' 1', '1'.repeat(79), (2n ** 255n).toString(), 1.5],
  ],
  ['number', ['1', 'nan', null, true]],
  [
    'time',
    [
      '2026-05-01',
      '2026-02-30T00:00:00Z',
      '2026-05-01T12:00:00',
      '2026-05-01T12:00:00.1234Z',
      '-000000-01-01T00:00:00Z',
      'now',
      1.5,
      new Date(0),
      '+275760-09-13T00:00:00.001Z',
    ],
  ],
  ['bytes', ['aGk', 'aG k=', 'aGl=', '-_-_', 'é', 5]],
  [list('text'), [{}, 'x', [1]]],
  [map('text'), [[], null, { a: 1 }]],
  [
    oneOfKinds('text', 'bytes'),
    ['x', {}, { text: 1 }, { text: 'x', bytes: '' }, { toString: 'x' }, ['x'], null],
  ],
]

const of = (kind: KindInput) => defineDescriptor({ name: 'X', version: 1, fields: { x: kind } })

describe('kinds', () => {
  it.each(fitting)('%j takes %o, and exports it', (kind, value, settled, json) => {
    const X = of(kind)
    expect(X.create({ x: value } as never)).toEqual({ x: settled })
    const bytes = X.encode({ x: value } as never)
    expect(X.decode(bytes)).toEqual({ x: settled })
    expect(X.toJSON({ x: value } as never)).toEqual({ x: json })
    expect(X.fromJSON(JSON.parse(JSON.stringify({ x: json })))).toEqual({ x: settled })
    expect(X.encode({ x: settled } as never)).toEqual(bytes)
  })

  it.each(unfitting)('%j refuses what does not fit', (kind, values) => {
    const X = of(kind)
    for (const value of values) {
      expect(X.validate({ x: value }), String(value)).toMatchObject({ valid: false })
      expect(thrown(() => X.encode({ x: value } as never)).code).toBe('DATA_INVALID')
      expect(thrown(() => X.toJSON({ x: value } as never)).code).toBe('DATA_INVALID')
    }
  })

  it.each(unfittingJson)('%j refuses JSON that does not fit', (kind, values) => {
    const X = of(kind)
    for (const value of values) {
      const error = thrown(() => X.fromJSON({ x: value }))
      expect(error.code, JSON.stringify(value)).toBe('DATA_INVALID')
      expect(error.details['problems']).toMatchObject([{ path: expect.arrayContaining(['x']) }])
    }
  })

  it('reads times in JSON with an offset, and as milliseconds', () => {
    const X = of('time')
    for (const x of ['2026-05-01T14:00:00+02:00', '2026-05-01T12:00Z', 1_777_636_800_000]) {
      expect(X.fromJSON({ x })).toEqual({ x: 1_777_636_800_000 })
    }
  })

  it('reads a bigint in JSON from a safe number too', () => {
    expect(of('bigint').fromJSON({ x: -7 })).toEqual({ x: -7n })
  })

  it('gives maps no prototype, so that every name is a key like others', () => {
    const X = of(map('text'))
    const data = { x: JSON.parse('{"__proto__":"a","toString":"b","10":"c","9":"d"}') as never }
    const keys = ['9', '10', '__proto__', 'toString'].sort()
    for (const value of [X.create(data), X.decode(X.encode(data)), X.toJSON(data)]) {
      const x = (value as { x: Record<string, string> }).x
      expect(Object.getPrototypeOf(x)).toBe(null)
      expect(Object.keys(x).sort()).toEqual(keys)
      expect(x['constructor']).toBe(undefined)
      expect(x['__proto__']).toBe('a')
    }
    expect(X.fromJSON(JSON.parse(JSON.stringify(X.toJSON(data))))).toEqual(X.create(data))
  })

  it('chooses an alternative by the value as it is read back', () => {
    const Whole = defineDescriptor({ name: 'Whole', version: 1, fields: { n: 'integer' } })
    const Moment = defineDescriptor({ name: 'Moment', version: 1, fields: { n: 'time' } })
    const X = of(oneOfKinds(Whole, Moment))
    const bytes = X.encode({ x: { n: new Date(5) } } as never)
    expect(X.encode(X.decode(bytes) as never)).toEqual(bytes)
    expect(X.toJSON({ x: { n: new Date(5) } } as never)).toEqual({ x: { Whole: { n: 5 } } })
  })
})
