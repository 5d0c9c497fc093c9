import type { Definition } from '@datagram/descriptors'
import b4a from 'b4a'
import { encodeFieldValue } from './field-value.ts'
import { keyBeyond } from './key-space.ts'
import { entryDamaged } from './place.ts'

/*
 * The index of fields: in key space 0, one entry without a value for each value that an object has in a
 * field that its definition marks with `index`. A list has one for each of its different items.
 *
 *   key     offset  size  field            (after the byte of the key space)
 *           0       1     4, index of fields
 *           1       4     number of the descriptor in this stream, big endian
 *           5       2     place of the field in the definition, big endian
 *           7       …     the value (see field-value.ts)
 *           …       6     number of the object, big endian
 */
const FIELDS = 4
const HEAD_BYTES = 7
const NUMBER_BYTES = 6

/** Bounds of the whole index of fields, within key space 0. */
export const fieldBounds = {
  gte: new Uint8Array([FIELDS]),
  lt: new Uint8Array([FIELDS + 1]),
} as const

/** The keys, within key space 0, that the index of fields has for an object with this value. */
export function fieldKeys(
  descriptor: number,
  definition: Definition,
  value: unknown,
  n: number,
): Uint8Array[] {
  const keys: Uint8Array[] = []
  const number = numberBytes(n)
  definition.fields.forEach((field, position) => {
    if (field.index !== true) return
    const head = fieldHead(descriptor, position)
    for (const bytes of valuesOf(value, field.name)) keys.push(b4a.concat([head, bytes, number]))
  })
  return keys
}

/** Whether a definition has an indexed field. */
export function hasIndexedFields({ fields }: Definition): boolean {
  return fields.some(({ index }) => index === true)
}

/** What the keys of a field have in common. */
export function fieldHead(descriptor: number, position: number): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES)
  head[0] = FIELDS
  const view = new DataView(head.buffer)
  view.setUint32(1, descriptor)
  view.setUint16(5, position)
  return head
}

/** Bounds of the keys that begin with `head` and the bytes of a value. */
export function boundsWithin(head: Uint8Array, beginning: Uint8Array) {
  const gte = b4a.concat([head, beginning])
  return { gte, lt: keyBeyond(gte) }
}

/** The number of the object that a key is of. Throws `INDEX_ENTRY_DAMAGED`. */
export function objectOf(key: Uint8Array): number {
  const at = key.byteLength - NUMBER_BYTES
  if (at < HEAD_BYTES) throw entryDamaged('a key of the index of fields is cut short')
  const view = new DataView(key.buffer, key.byteOffset + at, NUMBER_BYTES)
  return view.getUint16(0) * 0x1_0000_0000 + view.getUint32(2)
}

function valuesOf(value: unknown, name: string): Iterable<Uint8Array> {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return []
  const field: unknown = (value as Record<string, unknown>)[name]
  const items: readonly unknown[] = Array.isArray(field) ? field : [field]
  const different = new Map<string, Uint8Array>()
  for (const item of items) {
    const bytes = encodeFieldValue(item)
    if (bytes !== undefined) different.set(b4a.toString(bytes, 'hex'), bytes)
  }
  return different.values()
}

function numberBytes(n: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(n / 0x1_0000_0000))
  view.setUint32(2, n >>> 0)
  return bytes
}
