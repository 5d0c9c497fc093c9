import {
  type BlockRange,
  type Codec,
  decode,
  decodeBlockRanges,
  encode,
  encodeBlockRanges,
  preencodeBlockRanges,
  type State,
} from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { containerError } from './container-errors.ts'

/*
 * A drop record: an entry of the roster, so that hosts which cannot read follow what was forgotten. Version 1:
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     type, 2
 *   2       32    public key of the stream's indexer log
 *   34      1..9  uint, length of the data log of which all that is not dropped has to be there first
 *   …       1..9  uint, the same of the indexer log
 *   …       …     ranges of the data log that are dropped for good, more than those of earlier records
 *   …       …     ranges of the indexer log
 *   ranges:
 *   …       1..5  uint, count, at most 65,536, and for each, ascending:
 *   …       1..9  uint, blocks between the end of the range before (or 0) and this one
 *   …       1..9  uint, blocks, at least 1
 */
const VERSION = 1
const TYPE_DROP = 2
const KEY_BYTES = 32
/** Most ranges of one log in a record. */
export const RANGES_MAX = 65_536

/** What of a stream's two logs is dropped for good. */
export interface DropRecord {
  readonly indexKey: Uint8Array
  /** What is not dropped of these lengths has to be there before anything is. */
  readonly dataLength: number
  readonly indexLength: number
  readonly data: readonly BlockRange[]
  readonly index: readonly BlockRange[]
}

const fixedKey = c.fixed(KEY_BYTES)

const codec: Codec<DropRecord> = {
  preencode(state, { dataLength, indexLength, data, index }) {
    state.end += 2 + KEY_BYTES
    c.uint.preencode(state, dataLength)
    c.uint.preencode(state, indexLength)
    for (const ranges of [data, index]) preencodeBlockRanges(state, ranges)
  },
  encode(state, { indexKey, dataLength, indexLength, data, index }) {
    c.uint8.encode(state, VERSION)
    c.uint8.encode(state, TYPE_DROP)
    fixedKey.encode(state, indexKey)
    c.uint.encode(state, dataLength)
    c.uint.encode(state, indexLength)
    for (const ranges of [data, index]) encodeBlockRanges(state, ranges)
  },
  decode(state) {
    state.start += 2
    const indexKey = b4a.from(fixedKey.decode(state))
    const dataLength = uintOf(state)
    const indexLength = uintOf(state)
    // Within the lengths that the record names: a host goes by it.
    const data = decodeBlockRanges(state, { count: RANGES_MAX, end: dataLength })
    const index = decodeBlockRanges(state, { count: RANGES_MAX, end: indexLength })
    return { indexKey, dataLength, indexLength, data, index }
  },
}

/** The payload of a drop record. */
export function encodeDropRecord(record: DropRecord): Uint8Array {
  return encode(codec, record)
}

/** The drop record in an entry of the roster; undefined when it is another. Throws `RECORD_DAMAGED`. */
export function decodeDropRecord(payload: Uint8Array): DropRecord | undefined {
  if (payload[0] !== VERSION || payload[1] !== TYPE_DROP) return undefined
  try {
    return decode(codec, payload)
  } catch (cause) {
    throw containerError('RECORD_DAMAGED', 'a drop record of the roster cannot be read', { cause })
  }
}

function uintOf(state: State): number {
  const value = c.uint.decode(state)
  if (!Number.isSafeInteger(value)) throw new RangeError('a number is out of range')
  return value
}
