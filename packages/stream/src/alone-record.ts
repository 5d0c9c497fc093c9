import {
  type BlockRange,
  type Codec,
  decode,
  decodeBlockRanges,
  encode,
  encodeBlockRanges,
  preencodeBlockRanges,
} from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { streamError } from './stream-errors.ts'

/*
 * What this machine has forgotten alone, of logs whose author keeps it: a log of its own that nobody else is given.
 * Payload of a block of kind 5, version 1:
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     what: 0 forgotten, 1 wanted again, 2 what is left of a frame
 *   2       32    public key of the data log
 *   0, 1:
 *   34      1..5  uint, count of ranges, at most 65,536, and for each, ascending:
 *   …       1..9  uint, blocks between the end of the range before (or 0) and this one
 *   …       1..9  uint, blocks, at least 1
 *   2:
 *   34      …     as in a moved frame (see moved-frame.ts), to the end
 */
const VERSION = 1
const KEY_BYTES = 32
const WHATS = ['forgotten', 'wanted', 'left'] as const
/** Block kind of these records. */
export const ALONE_KIND = 5
/** Most ranges of a record. */
export const ALONE_RANGES_MAX = 65_536

/** One record. */
export type AloneRecord = { readonly dataKey: Uint8Array } & (
  | { readonly type: 'forgotten' | 'wanted'; readonly ranges: readonly BlockRange[] }
  | { readonly type: 'left'; readonly moved: Uint8Array }
)

const fixedKey = c.fixed(KEY_BYTES)

const codec: Codec<AloneRecord> = {
  preencode(state, record) {
    state.end += 2 + KEY_BYTES
    if (record.type === 'left') state.end += record.moved.byteLength
    else preencodeBlockRanges(state, record.ranges)
  },
  encode(state, record) {
    c.uint8.encode(state, VERSION)
    c.uint8.encode(state, WHATS.indexOf(record.type))
    fixedKey.encode(state, record.dataKey)
    if (record.type !== 'left') return encodeBlockRanges(state, record.ranges)
    state.buffer.set(record.moved, state.start)
    state.start += record.moved.byteLength
  },
  decode(state) {
    if (c.uint8.decode(state) !== VERSION) throw new RangeError('another version')
    const type = WHATS[c.uint8.decode(state)]
    if (type === undefined) throw new RangeError('an unknown kind')
    const dataKey = b4a.from(fixedKey.decode(state))
    if (type === 'left') {
      const moved = b4a.from(state.buffer.subarray(state.start, state.end))
      state.start = state.end
      return { type, dataKey, moved }
    }
    const limits = { count: ALONE_RANGES_MAX, end: Number.MAX_SAFE_INTEGER }
    return { type, dataKey, ranges: decodeBlockRanges(state, limits) }
  },
}

export function encodeAlone(record: AloneRecord): Uint8Array {
  return encode(codec, record)
}

/** Throws `ALONE_RECORD_DAMAGED`. */
export function decodeAlone(payload: Uint8Array): AloneRecord {
  try {
    return decode(codec, payload)
  } catch (cause) {
    throw streamError(
      'ALONE_RECORD_DAMAGED',
      'what this machine forgot alone cannot be read; clone the datagram into a new folder',
      { cause },
    )
  }
}
