import fc from 'fast-check'
import type { Definition, FieldDefinition, KindDefinition } from '../src/index.ts'

/** Names that go wrong where objects are used carelessly, or where code is made of them. */
const trickyNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '0',
  '17',
  'a b',
  '"]; throw 1; //',
  '${process.exit(1)}',
  'ключ',
  '🗝️',
]

const name = fc.oneof(
  fc.constantFrom(...trickyNames),
  fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,11}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(isPrintable),
)

const scalar = fc.constantFrom<KindDefinition>(
  { kind: 'text' },
  { kind: 'integer' },
  { kind: 'bigint' },
  { kind: 'number' },
  { kind: 'boolean' },
  { kind: 'time' },
  { kind: 'bytes' },
  { kind: 'namedHash' },
  { kind: 'link' },
)

const literals = fc
  .uniqueArray(
    fc.oneof(
      fc.string({ maxLength: 6 }).filter(isPrintable),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((values): KindDefinition => ({ kind: 'oneOf', values }))

/** Any kind that a field may have, at most `depth` deeper. */
function kind(depth: number): fc.Arbitrary<KindDefinition> {
  if (depth === 0) return fc.oneof(scalar, literals)
  const inner = kind(depth - 1)
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    literals,
    inner.map((of): KindDefinition => ({ kind: 'list', of })),
    inner.map((of): KindDefinition => ({ kind: 'map', of })),
    definition(depth - 1).map((of): KindDefinition => ({ kind: 'descriptor', of })),
    alternatives(depth - 1),
  )
}

/** Kinds that may stand in one `oneOf`, in an order in which each can be chosen. */
function alternatives(depth: number): fc.Arbitrary<KindDefinition> {
  const numbers: readonly KindDefinition[] = [{ kind: 'integer' }, { kind: 'number' }]
  return fc
    .tuple(kind(depth), definition(depth), fc.boolean())
    .chain(([item, of, isTimed]) =>
      fc.subarray<KindDefinition>(
        [
          { kind: 'boolean' },
          { kind: 'bigint' },
          ...(isTimed ? [{ kind: 'time' } as const] : numbers),
          { kind: 'namedHash' },
          { kind: 'link' },
          { kind: 'text' },
          { kind: 'bytes' },
          { kind: 'list', of: item },
          ...(of.name === 'map' || of.name === 'list' ? [] : [{ kind: 'descriptor', of } as const]),
          { kind: 'map', of: item },
        ],
        { minLength: 1 },
      ),
    )
    .map((of): KindDefinition => ({ kind: 'oneOf', of }))
}

function field(depth: number): fc.Arbitrary<FieldDefinition> {
  const extras = fc.record(
    { optional: fc.constant(true as const), description: fc.constant('what it means') },
    { requiredKeys: [] },
  )
  return fc
    .tuple(name, kind(depth), extras)
    .map(([fieldName, of, extra]) => ({ name: fieldName, ...of, ...extra }))
}

/** Any definition, at most `depth` deep. */
export function definition(depth: number): fc.Arbitrary<Definition> {
  return fc.record({
    name: name.filter((text) => !labels.has(text)),
    version: fc.integer({ min: 1, max: 65_535 }),
    fields: fc.uniqueArray(field(depth), { maxLength: 12, selector: (each) => each.name }),
  })
}

/** Names of kinds, which the definitions in a `oneOf` may not have. */
const labels = new Set([
  'boolean',
  'bigint',
  'time',
  'integer',
  'number',
  'namedHash',
  'link',
  'text',
  'bytes',
])

/** Any value of a definition, with its fields in any order. */
export function dataOf({ fields }: Definition): fc.Arbitrary<Record<string, unknown>> {
  const entries = fields.map((each) => {
    const entry = valueOf(each).map((value) => [each.name, value] as const)
    return each.optional ? fc.option(entry, { nil: undefined }) : entry
  })
  return fc.tuple(fc.tuple(...entries), fc.boolean()).map(([present, isReversed]) => {
    const kept = present.filter((entry) => entry !== undefined)
    return Object.fromEntries(isReversed ? kept.reverse() : kept)
  })
}

/** Values of the plain kinds; made once, as making the patterns costs more than using them. */
const scalarValues = {
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  integer: fc.maxSafeInteger(),
  bigint: fc.oneof(
    fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
    fc.bigInt({ min: -3n, max: 3n }),
  ),
  number: fc.double(),
  boolean: fc.boolean(),
  time: fc.oneof(fc.date({ noInvalidDate: true }), fc.integer()),
  bytes: fc.uint8Array({ maxLength: 40 }),
  namedHash: fc.oneof(
    fc.stringMatching(/^SHA256-[0-9a-f]{64}$/),
    fc.stringMatching(/^BLAKE2B-([0-9a-f]{2}){16,64}$/),
  ),
  link: fc.oneof(fc.webUrl(), fc.stringMatching(/^datagram:\/\/[a-z0-9]{10,60}$/)),
}

const key = fc.oneof(name, fc.constant(''))

function valueOf(of: KindDefinition): fc.Arbitrary<unknown> {
  switch (of.kind) {
    case 'list':
      return fc.array(valueOf(of.of), { maxLength: 5 })
    case 'map':
      return fc.dictionary(key, valueOf(of.of), { maxKeys: 5 })
    case 'descriptor':
      return dataOf(of.of)
    case 'oneOf':
      return 'values' in of ? fc.constantFrom(...of.values) : fc.oneof(...of.of.map(valueOf))
    default:
      return scalarValues[of.kind]
  }
}

function isPrintable(text: string): boolean {
  return !/\p{Cc}/u.test(text)
}
