import type { Definition, Literal, ScalarKindName } from './definition.ts'
import type { DescriptorLike } from './descriptor-mark.ts'

/** What a definition may say of a field besides its kind. */
export interface FieldOptions {
  /** Whether the field may be absent; default `false`. */
  readonly optional?: boolean | undefined
  /** Whether the field is searchable; default `false`. Not for maps, nested definitions and alternatives. */
  readonly index?: boolean | undefined
  /** For people: what the field means, in what unit; at most 4,096 bytes. */
  readonly description?: string | undefined
}

/** A kind in its long form. */
export type LongKindInput =
  | { readonly kind: ScalarKindName | DescriptorLike }
  | { readonly kind: 'list'; readonly of: KindInput }
  | { readonly kind: 'map'; readonly of: KindInput }
  | { readonly kind: 'oneOf'; readonly values: readonly Literal[] }
  | { readonly kind: 'oneOf'; readonly of: readonly KindInput[] }
  | { readonly kind: 'descriptor'; readonly of: DescriptorLike | Definition }

/** A kind as it may be written: its name, a descriptor to nest, or the long form. */
export type KindInput = ScalarKindName | DescriptorLike | LongKindInput

/** A field as it may be written: its kind, or the kind's long form with options. */
export type FieldInput = KindInput | (LongKindInput & FieldOptions)

/** Fields by name; their order is that of the object. */
export type FieldsInput = Readonly<Record<string, FieldInput>>

/** What `defineDescriptor` takes. */
export interface DescriptorInput<Fields extends FieldsInput = FieldsInput> {
  /** At most 256 bytes; with the version it names the type everywhere. */
  readonly name: string
  /** Major version, 1–65,535. Adding optional fields at the end needs no new one. */
  readonly version: number
  /** For people: what the type is for; at most 4,096 bytes. */
  readonly description?: string | undefined
  readonly fields: Fields
}
