import { createHash } from 'node:crypto'
import b4a from 'b4a'
import type { BackendChange } from '../chat-backend.ts'

/*
 * A chat file: changes of containers, one behind another, the newest counts. Numbers are little endian.
 *
 *   offset  size  field
 *   0       4     magic, ASCII "DGCF"
 *   4       1     format version, 1
 *   5       27    zero
 *   32      32    mark, copy A
 *   64      32    mark, copy B
 *   96      …     records
 *
 *   mark: how long the file was when a change was last acknowledged. The copies are written in turn, so
 *   that a write that is cut short costs the newer one alone; of those that are whole, the higher
 *   sequence counts.
 *   0       8     length
 *   8       8     sequence
 *   16      16    SHA-256 of the 16 bytes before, its first 16
 *
 *   record: the changes of one call
 *   0       4     bytes of the body
 *   4       16    SHA-256 of the record's offset in the file (8) and the body, its first 16
 *   20      …     body: for each change what it is (1: 0 put, 1 append, 2 delete), the key (32), and
 *                 unless it deletes bytes of the value (4), the value
 *
 * Behind the mark, a record that is not whole was never acknowledged, and goes; a whole one counts.
 */
export const MAGIC = b4a.from('DGCF')
export const VERSION = 1
export const MARK_AT = [32, 64] as const
export const MARK_BYTES = 32
export const RECORDS_AT = 96
export const RECORD_HEAD_BYTES = 20
const DIGEST_BYTES = 16
const KINDS = ['put', 'append', 'delete'] as const

/** A change in a record, with its value by place: `at` is counted from the body's beginning. */
export interface PlacedChange {
  readonly type: BackendChange['type']
  readonly key: string
  readonly at: number
  readonly bytes: number
}

/** How long a file was when a change was last acknowledged. */
export interface FileMark {
  readonly length: number
  readonly sequence: number
}

/** The first bytes of a file without records. */
export function fileHead(): Uint8Array {
  const head = new Uint8Array(RECORDS_AT)
  head.set(MAGIC)
  head[MAGIC.byteLength] = VERSION
  for (const at of MARK_AT) head.set(encodeMark({ length: RECORDS_AT, sequence: 0 }), at)
  return head
}

export function encodeMark({ length, sequence }: FileMark): Uint8Array {
  const mark = new Uint8Array(MARK_BYTES)
  const view = new DataView(mark.buffer)
  view.setBigUint64(0, BigInt(length), true)
  view.setBigUint64(8, BigInt(sequence), true)
  mark.set(digest(mark.subarray(0, 16)), 16)
  return mark
}

/** The mark, or undefined when it was not wholly written. */
export function decodeMark(mark: Uint8Array): FileMark | undefined {
  if (!b4a.equals(digest(mark.subarray(0, 16)), mark.subarray(16, MARK_BYTES))) return undefined
  const view = new DataView(mark.buffer, mark.byteOffset)
  return {
    length: Number(view.getBigUint64(0, true)),
    sequence: Number(view.getBigUint64(8, true)),
  }
}

/** The record of `changes`, to be written at `offset`, and where in it the values are. */
export function encodeRecord(
  offset: number,
  changes: readonly BackendChange[],
): { readonly record: Uint8Array; readonly placed: readonly PlacedChange[] } {
  const parts: Uint8Array[] = []
  for (const change of changes) {
    parts.push(new Uint8Array([KINDS.indexOf(change.type)]), b4a.from(change.key.slice(2), 'hex'))
    if (change.type === 'delete') continue
    parts.push(uint32(change.value.byteLength), change.value)
  }
  const body = b4a.concat(parts)
  const record = b4a.concat([uint32(body.byteLength), recordDigest(offset, body), body])
  return { record, placed: decodeBody(body) }
}

/** Whether `body` is what the record at `offset` with this head says. */
export function isWhole(offset: number, head: Uint8Array, body: Uint8Array): boolean {
  return b4a.equals(recordDigest(offset, body), head.subarray(4, RECORD_HEAD_BYTES))
}

/** The changes in a whole record. Throws a RangeError for a body that says nonsense. */
export function decodeBody(body: Uint8Array): readonly PlacedChange[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const changes: PlacedChange[] = []
  for (let at = 0; at < body.byteLength; ) {
    const type = KINDS[view.getUint8(at)]
    if (type === undefined || at + 33 > body.byteLength) throw new RangeError('this is no change')
    const key = `0x${b4a.toString(body.subarray(at + 1, at + 33), 'hex')}`
    at += 33
    const bytes = type === 'delete' ? 0 : view.getUint32(at, true)
    if (type !== 'delete') at += 4
    if (at + bytes > body.byteLength) throw new RangeError('this value is not whole')
    changes.push({ type, key, at, bytes })
    at += bytes
  }
  return changes
}

function recordDigest(offset: number, body: Uint8Array): Uint8Array {
  const place = new Uint8Array(8)
  new DataView(place.buffer).setBigUint64(0, BigInt(offset), true)
  return digest(place, body)
}

function digest(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest().subarray(0, DIGEST_BYTES)
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
