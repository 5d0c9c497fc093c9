import { describe, expectTypeOf, it } from 'vitest'
import {
  createRegistry,
  defineDescriptor,
  type Descriptor,
  descriptorFromDefinition,
  type FieldsInput,
  type JsonObject,
  type KindInput,
  list,
  map,
  oneOf,
  oneOfKinds,
  optional,
  type StandardSchema,
  type UnknownFields,
} from '../src/index.ts'

const Point = defineDescriptor({
  name: 'Point',
  version: 1,
  fields: { at: 'time', celsius: 'number' },
})

const All = defineDescriptor({
  name: 'All',
  version: 1,
  fields: {
    text: 'text',
    integer: 'integer',
    bigint: 'bigint',
    number: 'number',
    boolean: { kind: 'boolean' },
    time: { kind: 'time', index: true },
    bytes: 'bytes',
    hash: 'namedHash',
    link: 'link',
    list: list('time'),
    longList: { kind: 'list', of: { kind: 'list', of: 'text' } },
    map: map(list(Point)),
    values: oneOf('a', 1, true),
    longValues: { kind: 'oneOf', values: ['x', 'y'] },
    kinds: oneOfKinds('text', Point, list('bigint')),
    nested: Point,
    longNested: { kind: 'descriptor', of: Point },
    shortNested: { kind: Point },
    note: optional('text'),
    when: { kind: 'time', optional: true },
    where: optional(Point),
    many: optional(list('number')),
    needed: { kind: 'text', optional: false },
  },
})

interface PointOutput {
  readonly at: number
  readonly celsius: number
}
interface PointInput {
  readonly at: number | Date
  readonly celsius: number
}

type Output<D> = D extends Descriptor<infer O, infer _I> ? O : never
type Input<D> = D extends Descriptor<infer _O, infer I> ? I : never

describe('types', () => {
  it('of values are inferred from the fields', () => {
    expectTypeOf<Output<typeof Point>>().toEqualTypeOf<PointOutput>()
    expectTypeOf<Input<typeof Point>>().toEqualTypeOf<PointInput>()
    expectTypeOf<Output<typeof All>>().toEqualTypeOf<{
      readonly text: string
      readonly integer: number
      readonly bigint: bigint
      readonly number: number
      readonly boolean: boolean
      readonly time: number
      readonly bytes: Uint8Array
      readonly hash: string
      readonly link: string
      readonly list: readonly number[]
      readonly longList: readonly (readonly string[])[]
      readonly map: Readonly<Record<string, readonly PointOutput[]>>
      readonly values: 'a' | 1 | true
      readonly longValues: 'x' | 'y'
      readonly kinds: string | PointOutput | readonly bigint[]
      readonly nested: PointOutput
      readonly longNested: PointOutput
      readonly shortNested: PointOutput
      readonly needed: string
      readonly note?: string
      readonly when?: number
      readonly where?: PointOutput
      readonly many?: readonly number[]
    }>()
  })

  it('of what may be written take a Date for a time, and undefined for what is absent', () => {
    type In = Input<typeof All>
    expectTypeOf<In['list']>().toEqualTypeOf<readonly (number | Date)[]>()
    expectTypeOf<In['when']>().toEqualTypeOf<number | Date | undefined>()
    expectTypeOf<In['where']>().toEqualTypeOf<PointInput | undefined>()
    expectTypeOf<In['map']>().toEqualTypeOf<Readonly<Record<string, readonly PointInput[]>>>()
    expectTypeOf<In['kinds']>().toEqualTypeOf<string | PointInput | readonly bigint[]>()
    expectTypeOf<Output<typeof All>>().toExtend<In>()
  })

  it('of the methods follow', () => {
    expectTypeOf(Point.create).parameter(0).toEqualTypeOf<PointInput>()
    expectTypeOf(Point.create).returns.toEqualTypeOf<PointOutput>()
    expectTypeOf(Point.encode).parameter(0).toEqualTypeOf<PointInput>()
    expectTypeOf(Point.encode).returns.toEqualTypeOf<Uint8Array>()
    expectTypeOf(Point.decode).returns.toEqualTypeOf<PointOutput>()
    expectTypeOf(Point.toJSON).returns.toEqualTypeOf<JsonObject>()
    expectTypeOf(Point.fromJSON).returns.toEqualTypeOf<PointOutput>()
    const result = Point.validate({})
    if (result.valid) expectTypeOf(result.value).toEqualTypeOf<PointOutput>()
    else expectTypeOf(result).not.toHaveProperty('value')
  })

  it('of what is wrong are errors', () => {
    // @ts-expect-error a field is missing
    Point.create({ at: 1 })
    // @ts-expect-error a field has another type
    Point.encode({ at: 1, celsius: 'warm' })
    // @ts-expect-error a field is not in the definition
    Point.create({ at: 1, celsius: 1, humidity: 1 })
    // @ts-expect-error null is not absence
    All.create({ ...({} as Input<typeof All>), note: null })
    // @ts-expect-error no kind is so named
    defineDescriptor({ name: 'X', version: 1, fields: { x: 'string' } })
    // @ts-expect-error a list needs the kind of its items
    defineDescriptor({ name: 'X', version: 1, fields: { x: { kind: 'list' } } })
  })

  it('of a definition that only the running program knows are open', () => {
    expectTypeOf(descriptorFromDefinition({}).decode).returns.toEqualTypeOf<UnknownFields>()
    const wide = (fields: FieldsInput, kind: KindInput) => [
      defineDescriptor({ name: 'X', version: 1, fields }),
      defineDescriptor({ name: 'X', version: 1, fields: { x: kind } }),
    ]
    expectTypeOf(wide).returns.items.toExtend<Descriptor<UnknownFields>>()
  })

  it('of descriptors fit a registry, a list of any, and Standard Schema', () => {
    expectTypeOf(Point).toExtend<Descriptor>()
    expectTypeOf(All).toExtend<Descriptor>()
    expectTypeOf(createRegistry().add(Point)).toEqualTypeOf<typeof Point>()
    expectTypeOf(Point).toExtend<StandardSchema<PointInput, PointOutput>>()
    type Types = NonNullable<(typeof Point)['~standard']['types']>
    expectTypeOf<Types['input']>().toEqualTypeOf<PointInput>()
    expectTypeOf<Types['output']>().toEqualTypeOf<PointOutput>()
  })

  it('of migrations and checks follow from the versions and the fields', () => {
    const Next = defineDescriptor(
      { name: 'Point', version: 2, fields: { at: 'time', kelvin: 'number' } },
      {
        migrate: {
          from: Point,
          to: (old) => {
            expectTypeOf(old).toEqualTypeOf<PointOutput>()
            return { at: old.at, kelvin: old.celsius + 273.15 }
          },
        },
        checks: { kelvin: {} as StandardSchema<number> },
      },
    )
    expectTypeOf(Next.decode).returns.toEqualTypeOf<{
      readonly at: number
      readonly kelvin: number
    }>()
    const point = { name: 'P', version: 2, fields: { at: 'time' } } as const
    // @ts-expect-error what comes out is no value of this version
    defineDescriptor(point, { migrate: { from: Point, to: () => ({}) } })
    // @ts-expect-error the schema is for another type of value
    defineDescriptor(point, { checks: { at: {} as StandardSchema<Date> } })
  })
})
