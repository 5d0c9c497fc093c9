import type { Call } from './call.ts'
import type { SubEntry } from './bucket.ts'
import { HASHED_AT, hashedPart, isLongPart, keyPart, putUint32 } from './key-part.ts'
import type { Meta } from './meta.ts'

/*
 * Elements of a set: the 4-byte hash of the member and its part; the value is the member where it is long.
 * Elements of a hash: the 4-byte hash of the field and its part; the value:
 *
 *   offset  size  field
 *   0       6     number of the field: they are told in the order in which they were new
 *   6       4     bytes of the field where it is long, else 0
 *   10      …     the field where it is long, then the value
 */
const FIELD_HEAD_BYTES = 10
const EMPTY = new Uint8Array(0)
// Entries that are looked at around a random place, and collections that are read whole instead.
const WINDOW = 64
const WHOLE_MAX = 1024

/** A field of a hash. */
export interface Field {
  readonly field: Uint8Array
  readonly value: Uint8Array
  readonly number: number
}

/** The entry of a member of a set. */
export function memberEntry(member: Uint8Array): SubEntry {
  return [hashedPart(member), isLongPart(keyPart(member)) ? member : EMPTY]
}

/** The member of a set's entry. */
export function memberOf([sub, value]: SubEntry): Uint8Array {
  const part = sub.subarray(HASHED_AT)
  return isLongPart(part) ? value : part
}

/** The value of the entry of a field. */
export function encodeField({ field, value, number }: Field): Uint8Array {
  const long = isLongPart(keyPart(field)) ? field : EMPTY
  const bytes = new Uint8Array(FIELD_HEAD_BYTES + long.length + value.length)
  putUint32(bytes, 2, number)
  bytes[0] = Math.floor(number / 2 ** 40)
  bytes[1] = Math.floor(number / 2 ** 32) & 0xff
  putUint32(bytes, 6, long.length)
  bytes.set(long, FIELD_HEAD_BYTES)
  bytes.set(value, FIELD_HEAD_BYTES + long.length)
  return bytes
}

/** The field of a hash's entry. */
export function decodeField([sub, stored]: SubEntry): Field {
  const view = new DataView(stored.buffer, stored.byteOffset)
  const number = view.getUint16(0) * 2 ** 32 + view.getUint32(2)
  const end = FIELD_HEAD_BYTES + view.getUint32(6)
  const field =
    end > FIELD_HEAD_BYTES ? stored.subarray(FIELD_HEAD_BYTES, end) : sub.subarray(HASHED_AT)
  return { field, value: stored.subarray(end), number }
}

/** All entries of a collection. */
export function entriesOf(call: Call, meta: Meta | undefined): readonly SubEntry[] {
  return meta === undefined ? [] : call.space.range(call.elements(meta))
}

/**
 * Some entry of a collection whose keys begin with a hash, after `prefix`. Each has the same chance in a
 * small collection; in a large one nearly so: one of those around a random place.
 */
export function randomEntry(call: Call, meta: Meta, prefix?: number): SubEntry {
  const at = prefix === undefined ? 0 : 1
  const first = new Uint8Array(at + 4)
  if (prefix !== undefined) first[0] = prefix
  const from = new Uint8Array(first)
  const isWhole = meta.count <= WHOLE_MAX
  if (!isWhole) putUint32(from, at, Math.floor(Math.random() * 0x100000000))
  const bounds = { lt: prefix === undefined ? undefined : new Uint8Array([prefix + 1]) }
  const limit = isWhole ? undefined : WINDOW
  const bucket = call.elements(meta)
  let entries = call.space.range(bucket, { ...bounds, gte: from, limit })
  if (entries.length === 0) entries = call.space.range(bucket, { ...bounds, gte: first, limit })
  return entries[Math.floor(Math.random() * entries.length)] as SubEntry
}

/** As many different items as `count`, chosen at random; all of them when there are no more. */
export function sample<T>(items: readonly T[], count: number): T[] {
  const rest = [...items]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) {
    const at = Math.floor(Math.random() * rest.length)
    chosen.push(rest[at] as T)
    rest[at] = rest.at(-1) as T
    rest.pop()
  }
  return chosen
}
