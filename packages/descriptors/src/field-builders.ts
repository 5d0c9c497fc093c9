import type { Literal } from './definition.ts'
import { isDescriptor } from './descriptor-mark.ts'
import type { FieldInput, KindInput, LongKindInput } from './field-input.ts'

/** A list of items of one kind: `list('text')` is `{ kind: 'list', of: 'text' }`. */
export function list<const Item extends KindInput>(of: Item): { kind: 'list'; of: Item } {
  return { kind: 'list', of }
}

/** Values of one kind by text keys: `map('number')` is `{ kind: 'map', of: 'number' }`. */
export function map<const Item extends KindInput>(of: Item): { kind: 'map'; of: Item } {
  return { kind: 'map', of }
}

/** One of some values: `oneOf('red', 'green')` is `{ kind: 'oneOf', values: ['red', 'green'] }`. */
export function oneOf<const Values extends readonly Literal[]>(
  ...values: Values
): { kind: 'oneOf'; values: Values } {
  return { kind: 'oneOf', values }
}

/** One of some kinds: `oneOfKinds('text', Point)` is `{ kind: 'oneOf', of: ['text', Point] }`. */
export function oneOfKinds<const Kinds extends readonly KindInput[]>(
  ...of: Kinds
): { kind: 'oneOf'; of: Kinds } {
  return { kind: 'oneOf', of }
}

/** A field that may be absent: `optional('text')` is `{ kind: 'text', optional: true }`. */
export function optional<const Field extends FieldInput>(field: Field): OptionalField<Field> {
  const isLong = typeof field === 'object' && !isDescriptor(field)
  return { ...(isLong ? field : { kind: field }), optional: true } as OptionalField<Field>
}

/** What {@link optional} makes of a field. */
export type OptionalField<Field> = Field extends LongKindInput
  ? Omit<Field, 'optional'> & { readonly optional: true }
  : { readonly kind: Field; readonly optional: true }
