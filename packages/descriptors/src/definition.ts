/** Kinds that hold one plain value. */
export const scalarKindNames = [
  'text',
  'integer',
  'bigint',
  'number',
  'boolean',
  'time',
  'bytes',
  'namedHash',
  'link',
] as const

/**
 * A kind that holds one plain value.
 *
 * - `text`: a string of well-formed Unicode.
 * - `integer`: a number that is a safe integer (±2^53 − 1); `-0` is read as `0`.
 * - `bigint`: a bigint of up to 256 bits, sign included.
 * - `number`: any 64-bit float, `NaN`, the infinities and `-0` too.
 * - `boolean`: `true` or `false`.
 * - `time`: a moment in whole milliseconds since 1970, in the range of `Date`. A `Date` is taken too and
 *   becomes that number.
 * - `bytes`: a `Uint8Array`; always copied, so that a value never changes under its reader.
 * - `namedHash`: the name of a hash algorithm, a dash and the hash in lower-case hexadecimal
 *   (`SHA256-9f86…`).
 * - `link`: a `datagram://…` link or any other absolute URL.
 */
export type ScalarKindName = (typeof scalarKindNames)[number]

/** A value that a `oneOf` may list: text, a finite number other than `-0`, or a boolean. */
export type Literal = string | number | boolean

/** What may stand in a place, as plain data. */
export type KindDefinition =
  | { readonly kind: ScalarKindName }
  /** Any number of items of one kind, in order. */
  | { readonly kind: 'list'; readonly of: KindDefinition }
  /** Values of one kind by text keys, without order. */
  | { readonly kind: 'map'; readonly of: KindDefinition }
  /** One of the values listed. */
  | { readonly kind: 'oneOf'; readonly values: readonly Literal[] }
  /** A value of one of the kinds listed: of the first that it fits. */
  | { readonly kind: 'oneOf'; readonly of: readonly KindDefinition[] }
  /** The fields of another definition, which is embedded whole. */
  | { readonly kind: 'descriptor'; readonly of: Definition }

/** One field of a definition: its name, what it holds, and what is said of it. */
export type FieldDefinition = KindDefinition & {
  readonly name: string
  /** Present when the field may be absent. */
  readonly optional?: true
  /** Present when the field is searchable. */
  readonly index?: true
  /** For people: what the field means, in what unit. */
  readonly description?: string
}

/**
 * A type of data as plain data: it can be written as JSON or with `encodeDefinition`, carried to a program
 * that has never seen the type, and made a descriptor there by `descriptorFromDefinition`.
 *
 * The order of the fields is part of it. Two definitions of one name and version are one type when one
 * only adds optional fields behind those of the other.
 */
export interface Definition {
  readonly name: string
  /** Major version, 1–65,535: changes when old readers must not read new data. */
  readonly version: number
  /** For people: what the type is for. */
  readonly description?: string
  readonly fields: readonly FieldDefinition[]
}

const scalarKinds: ReadonlySet<unknown> = new Set(scalarKindNames)

/** Whether `kind` is the name of a kind that holds one plain value. */
export function isScalarKindName(kind: unknown): kind is ScalarKindName {
  return scalarKinds.has(kind)
}
