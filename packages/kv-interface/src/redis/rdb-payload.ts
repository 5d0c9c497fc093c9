import b4a from 'b4a'
import { crc64 } from './crc64.ts'
import { HASH, LIST, SET, STRING, type TypeNumber, ZSET } from './meta.ts'
import { redisError } from './redis-error.ts'

/*
 * What DUMP gives and RESTORE takes: a value as Redis' RDB files have it (https://rdb.fnordig.de/file_format.html),
 * in the plain encodings that every version of Redis reads, then the version of the format and a checksum.
 *
 *   size  field
 *   1     type: 0 string, 1 list, 2 set, 4 hash, 5 sorted set
 *   …     length: how many elements (pairs for a hash), for all but a string
 *   …     each: length, bytes; behind a sorted set's member its score, a double, little-endian
 *   2     version of RDB, little-endian: 10
 *   8     CRC-64 (Jones) of all before it, little-endian
 *
 * A length: 1 byte 00xxxxxx; 2 bytes 01xxxxxx …; or 10000000 and 4 bytes, or 10000001 and 8, big-endian.
 * A string whose first byte begins with 11 is an integer of 1, 2 or 4 bytes.
 */
const VERSION = 10
const FOOTER_BYTES = 10

const rdbTypes: Readonly<Record<TypeNumber, number>> = { 1: 0, 2: 1, 3: 2, 4: 5, 5: 4 }
const types: Readonly<Record<number, TypeNumber>> = { 0: STRING, 1: LIST, 2: SET, 4: HASH, 5: ZSET }

/** A value by itself: its elements, in pairs for a hash. */
export interface PayloadValue {
  readonly type: TypeNumber
  readonly items: readonly Uint8Array[]
  readonly scores?: readonly number[]
}

const bad = () => redisError('ERR Bad data format')

export function encodePayload({ type, items, scores }: PayloadValue): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array([rdbTypes[type]])]
  if (type !== STRING) parts.push(lengthBytes(type === HASH ? items.length / 2 : items.length))
  items.forEach((item, i) => {
    parts.push(lengthBytes(item.length), item)
    const score = scores?.[i]
    if (score === undefined) return
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, score, true)
    parts.push(bytes)
  })
  const body = b4a.concat([...parts, new Uint8Array([VERSION, 0])])
  const checksum = new Uint8Array(8)
  new DataView(checksum.buffer).setBigUint64(0, crc64(body), true)
  return b4a.concat([body, checksum])
}

/** Throws Redis' errors for a payload that is damaged, of a newer version, or of an encoding that is not read. */
export function decodePayload(payload: Uint8Array): PayloadValue {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const end = payload.length - FOOTER_BYTES
  const isWhole =
    end > 0 &&
    view.getUint16(end, true) <= VERSION &&
    crc64(payload.subarray(0, end + 2)) === view.getBigUint64(end + 2, true)
  if (!isWhole) throw redisError('ERR DUMP payload version or checksum are wrong')
  const reader = new PayloadReader(payload.subarray(0, end))
  const type = types[reader.byte()]
  if (type === undefined) throw bad()
  if (type === STRING) return { type, items: [reader.string()] }
  const count = reader.length() * (type === HASH ? 2 : 1)
  if (count === 0) throw bad()
  const items: Uint8Array[] = []
  const scores: number[] = []
  for (let i = 0; i < count; i++) {
    items.push(reader.string())
    if (type === ZSET) scores.push(reader.double())
  }
  return { type, items, scores }
}

class PayloadReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  length(): number {
    const first = this.byte()
    if (first >>> 6 === 0) return first
    if (first >>> 6 === 1) return ((first & 0x3f) << 8) | this.byte()
    if (first === 0x80) return this.#view.getUint32(this.#advance(4))
    if (first === 0x81) return Number(this.#view.getBigUint64(this.#advance(8)))
    throw bad()
  }

  string(): Uint8Array {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first >>> 6 === 3) return this.#integer()
    const length = this.length()
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  #integer(): Uint8Array {
    const kind = this.byte() & 0x3f
    if (kind === 0) return b4a.from(String(this.#view.getInt8(this.#advance(1))))
    if (kind === 1) return b4a.from(String(this.#view.getInt16(this.#advance(2), true)))
    if (kind === 2) return b4a.from(String(this.#view.getInt32(this.#advance(4), true)))
    throw bad()
  }

  #advance(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#bytes.length) throw bad()
    this.#at = at + bytes
    return at
  }
}

function lengthBytes(length: number): Uint8Array {
  if (length < 64) return new Uint8Array([length])
  if (length < 16_384) return new Uint8Array([0x40 | (length >>> 8), length & 0xff])
  const bytes = new Uint8Array(5)
  bytes[0] = 0x80
  new DataView(bytes.buffer).setUint32(1, length)
  return bytes
}
