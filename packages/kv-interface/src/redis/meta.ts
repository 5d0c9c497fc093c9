import { kvError } from '../kv-errors.ts'
import { getUint48, isLongPart, putUint48 } from './key-part.ts'

/*
 * The entry of a key.
 *
 *   offset  size  field
 *   0       1     bits 0–3 type (1 string, 2 list, 3 set, 4 sorted set, 5 hash)
 *                 bit 6 the key is long and stands here, bit 7 it expires; the others 0
 *   1       6     bit 7: when it expires, milliseconds since 1970
 *   …       6     bit 6: bytes of the key, then the key
 *   …       …     type 1: the value, to the end
 *           6     other types: number of the collection, under which its elements lie
 *           6     how many elements it has
 *           6     list: position of its first element; hash: number for the next new field; others: 0
 *
 * All numbers are unsigned, big-endian, of 6 bytes.
 */
export const STRING = 1
export const LIST = 2
export const SET = 3
export const ZSET = 4
export const HASH = 5
/** Type of what a key holds. */
export type TypeNumber = 1 | 2 | 3 | 4 | 5

/** Types as TYPE names them. */
export const typeNames: Readonly<Record<TypeNumber, string>> = {
  1: 'string',
  2: 'list',
  3: 'set',
  4: 'zset',
  5: 'hash',
}

const EXPIRES = 0x80
const LONG_KEY = 0x40
const TYPE_BITS = 0x0f
const COLLECTION_BYTES = 18
const EMPTY = new Uint8Array(0)

/** What is known of a key. Never changed: a command puts another in its place. */
export class Meta {
  readonly type: TypeNumber
  /** Milliseconds since 1970; 0 when it does not expire. */
  readonly expireAt: number
  /** Of a string; empty otherwise. */
  readonly value: Uint8Array
  /** Number of the collection; 0 for a string. */
  readonly id: number
  /** Elements of the collection. */
  readonly count: number
  /** List: position of its first element. Hash: number for the next new field. */
  readonly extra: number

  private constructor(
    type: TypeNumber,
    expireAt: number,
    value: Uint8Array,
    [id, count, extra]: readonly [number, number, number],
  ) {
    this.type = type
    this.expireAt = expireAt
    this.value = value
    this.id = id
    this.count = count
    this.extra = extra
  }

  static string(value: Uint8Array, expireAt = 0): Meta {
    return new Meta(STRING, expireAt, value, NO_COLLECTION)
  }

  static collection(type: TypeNumber, id: number, count = 0, extra = 0, expireAt = 0): Meta {
    return new Meta(type, expireAt, EMPTY, [id, count, extra])
  }

  /** The same with another expiry; 0: none. */
  expiring(expireAt: number): Meta {
    return new Meta(this.type, expireAt, this.value, [this.id, this.count, this.extra])
  }

  /** The same collection with another size. */
  sized(count: number, extra = this.extra): Meta {
    return new Meta(this.type, this.expireAt, this.value, [this.id, count, extra])
  }

  /** The same with its value as a window on what {@link encode} gave. */
  within(stored: Uint8Array): Meta {
    if (this.type !== STRING) return this
    return Meta.string(stored.subarray(stored.length - this.value.length), this.expireAt)
  }

  /** The entry's value. `key` goes into it when its part cannot hold it. */
  encode(key: Uint8Array): Uint8Array {
    const long = isLongPart(key)
    const { type, expireAt, value } = this
    const head = 1 + (expireAt === 0 ? 0 : 6) + (long ? 6 + key.length : 0)
    const body = type === STRING ? value.length : COLLECTION_BYTES
    const bytes = new Uint8Array(head + body)
    bytes[0] = type | (expireAt === 0 ? 0 : EXPIRES) | (long ? LONG_KEY : 0)
    let at = 1
    if (expireAt !== 0) {
      putUint48(bytes, at, expireAt)
      at += 6
    }
    if (long) {
      putUint48(bytes, at, key.length)
      bytes.set(key, at + 6)
    }
    if (type === STRING) bytes.set(value, head)
    else {
      putUint48(bytes, head, this.id)
      putUint48(bytes, head + 6, this.count)
      putUint48(bytes, head + 12, this.extra)
    }
    return bytes
  }
}

const NO_COLLECTION = [0, 0, 0] as const

/** The entry, and the key when it is long. Throws `REDIS_ENTRY_DAMAGED`. */
export function decodeMeta(bytes: Uint8Array): { meta: Meta; longKey: Uint8Array | undefined } {
  const first = bytes[0] ?? 0
  const type = first & TYPE_BITS
  let at = 1
  let expireAt = 0
  if (first & EXPIRES) {
    expireAt = getUint48(bytes, at)
    at += 6
  }
  let longKey: Uint8Array | undefined
  if (first & LONG_KEY) {
    const length = getUint48(bytes, at)
    longKey = bytes.subarray(at + 6, at + 6 + length)
    at += 6 + length
  }
  if (type === STRING && at <= bytes.length) {
    return { meta: Meta.string(bytes.subarray(at), expireAt), longKey }
  }
  if (type < LIST || type > HASH || bytes.length !== at + COLLECTION_BYTES) {
    throw damaged(type)
  }
  const [id, count, extra] = [0, 6, 12].map((offset) => getUint48(bytes, at + offset)) as [
    number,
    number,
    number,
  ]
  return { meta: Meta.collection(type as TypeNumber, id, count, extra, expireAt), longKey }
}

function damaged(type: number): Error {
  return kvError(
    'REDIS_ENTRY_DAMAGED',
    `an entry of the Redis keys (type ${type}) is not as this version writes it; open the stream with a newer version, or bring it back from a peer`,
    { details: { type } },
  )
}
