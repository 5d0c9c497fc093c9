import type { Literal } from './definition.ts'
import type { DescriptorLike } from './descriptor-mark.ts'
import type { FieldsInput, KindInput } from './field-input.ts'

/** Fields of a type that the program does not know. */
export type UnknownFields = Readonly<Record<string, unknown>>

/** What each kind of plain value is read as. */
interface ScalarOutputs {
  text: string
  integer: number
  bigint: bigint
  number: number
  boolean: boolean
  time: number
  bytes: Uint8Array
  namedHash: string
  link: string
}

/** What each kind of plain value may be written from. */
interface ScalarInputs extends Omit<ScalarOutputs, 'time'> {
  time: number | Date
}

/** The type that a kind is read as; `unknown` for a kind that only the running program knows. */
export type OutputOf<Kind> = [KindInput] extends [Kind] ? unknown : KnownOutput<Kind>

/**
 * The type that a kind may be written from: that which it is read as, and a `Date` for a time; `unknown` for
 * a kind that only the running program knows.
 */
export type InputOf<Kind> = [KindInput] extends [Kind] ? unknown : KnownInput<Kind>

type KnownOutput<Kind> = Kind extends keyof ScalarOutputs
  ? ScalarOutputs[Kind]
  : Kind extends DescriptorLike<infer Output, infer _Input>
    ? Output
    : Kind extends { readonly kind: 'list'; readonly of: infer Item }
      ? readonly OutputOf<Item>[]
      : Kind extends { readonly kind: 'map'; readonly of: infer Item }
        ? Readonly<Record<string, OutputOf<Item>>>
        : Kind extends { readonly kind: 'oneOf'; readonly values: readonly (infer Value)[] }
          ? Value & Literal
          : Kind extends { readonly kind: 'oneOf'; readonly of: readonly (infer Item)[] }
            ? OutputOf<Item>
            : Kind extends { readonly kind: 'descriptor'; readonly of: infer Nested }
              ? NestedOutput<Nested>
              : Kind extends { readonly kind: infer Named }
                ? OutputOf<Named>
                : unknown

type KnownInput<Kind> = Kind extends keyof ScalarInputs
  ? ScalarInputs[Kind]
  : Kind extends DescriptorLike<infer _Output, infer Input>
    ? Input
    : Kind extends { readonly kind: 'list'; readonly of: infer Item }
      ? readonly InputOf<Item>[]
      : Kind extends { readonly kind: 'map'; readonly of: infer Item }
        ? Readonly<Record<string, InputOf<Item>>>
        : Kind extends { readonly kind: 'oneOf'; readonly values: readonly (infer Value)[] }
          ? Value & Literal
          : Kind extends { readonly kind: 'oneOf'; readonly of: readonly (infer Item)[] }
            ? InputOf<Item>
            : Kind extends { readonly kind: 'descriptor'; readonly of: infer Nested }
              ? NestedInput<Nested>
              : Kind extends { readonly kind: infer Named }
                ? InputOf<Named>
                : unknown

/** The type that the fields of a definition are read as. */
export type FieldsOutput<Fields extends FieldsInput> = Flat<
  { readonly [Name in NeededNames<Fields>]: OutputOf<Fields[Name]> } & {
    readonly [Name in OptionalNames<Fields>]?: OutputOf<Fields[Name]>
  }
>

/** The type that the fields of a definition may be written from. */
export type FieldsAccepted<Fields extends FieldsInput> = Flat<
  { readonly [Name in NeededNames<Fields>]: InputOf<Fields[Name]> } & {
    readonly [Name in OptionalNames<Fields>]?: InputOf<Fields[Name]> | undefined
  }
>

type NestedOutput<Nested> =
  Nested extends DescriptorLike<infer Output, infer _Input> ? Output : UnknownFields

type NestedInput<Nested> =
  Nested extends DescriptorLike<infer _Output, infer Input> ? Input : UnknownFields

type OptionalNames<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { readonly optional: true } ? Name : never
}[keyof Fields]

type NeededNames<Fields> = Exclude<keyof Fields, OptionalNames<Fields>>

/** The same type, shown as one object. */
type Flat<Type> = { [Name in keyof Type]: Type[Name] }
