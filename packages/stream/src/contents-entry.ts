import { type BlockRange, type Codec, decode, encode, type State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeUint } from './bounded-codec.ts'
import { decodeLay, fieldsOfLay } from './forgetting-operation.ts'
import { DESCRIPTOR_MAX } from './frame-operation.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { entryDamaged, type Place, place } from './place.ts'

/*
 * The table of contents: in key space 0, one entry for each object of the stream.
 *
 *   key     offset  size  field
 *           0       1     0, key space of the stream itself
 *           1       1     1, table of contents
 *           2       6     number of the object, big endian
 *   value   0       1..5  uint, number of its descriptor; 0 plain bytes
 *           …       …     place of its body (see place.ts); or, of an object that was forgotten:
 *           …       1     3; 4 where its blocks follow
 *           …       1..5  uint, bytes that its body had
 *           …       1..9  [4] uint, first block that it lay in, at least 1
 *           …       1..5  [4] uint, how many blocks, at least 1
 */
const SPACE = 0
const CONTENTS = 1
const TAG_FORGOTTEN = 3
const TAG_FORGOTTEN_WITH_PLACE = 4
const NUMBER_BYTES = 6
const KEY_BYTES = 2 + NUMBER_BYTES
/** One more than the largest number that an object can have: what 6 bytes hold. */
export const OBJECTS_MAX = 2 ** (8 * NUMBER_BYTES)

/** One line of the table of contents. */
export interface ContentsEntry {
  readonly descriptor: number
  /** Bytes of its body, also when that was forgotten. */
  readonly size: number
  /** Where its body lies; undefined when it was forgotten. */
  readonly place: Place | undefined
  /** The blocks that it lay in when it was forgotten, where that is known. */
  readonly lay?: BlockRange | undefined
}

/** Bounds of the whole table in the index: `gte` is its first possible key, `lt` beyond its last. */
export const contentsBounds = {
  gte: new Uint8Array([SPACE, CONTENTS]),
  lt: new Uint8Array([SPACE, CONTENTS + 1]),
} as const

/** Codec of an entry's value. `decode` throws `INDEX_ENTRY_DAMAGED` or `INDEX_ENTRY_UNKNOWN`. */
export const contentsEntry: Codec<ContentsEntry> = {
  preencode(state: State, entry: ContentsEntry): void {
    c.uint.preencode(state, entry.descriptor)
    if (entry.place !== undefined) return place.preencode(state, entry.place)
    state.end++
    c.uint.preencode(state, entry.size)
    if (entry.lay === undefined) return
    for (const field of fieldsOfLay(entry.lay)) c.uint.preencode(state, field)
  },
  encode(state: State, entry: ContentsEntry): void {
    c.uint.encode(state, entry.descriptor)
    if (entry.place !== undefined) return place.encode(state, entry.place)
    const { size, lay } = entry
    state.buffer[state.start++] = lay === undefined ? TAG_FORGOTTEN : TAG_FORGOTTEN_WITH_PLACE
    c.uint.encode(state, size)
    if (lay === undefined) return
    for (const field of fieldsOfLay(lay)) c.uint.encode(state, field)
  },
  decode(state: State): ContentsEntry {
    const descriptor = decodeUint(state, 'descriptor', entryDamaged, { max: DESCRIPTOR_MAX })
    const tag = state.start < state.end ? state.buffer[state.start] : undefined
    if (tag === TAG_FORGOTTEN || tag === TAG_FORGOTTEN_WITH_PLACE) {
      state.start++
      const size = decodeUint(state, 'size', entryDamaged, { max: BODY_BYTES_MAX })
      if (tag === TAG_FORGOTTEN) return { descriptor, size, place: undefined }
      return { descriptor, size, place: undefined, lay: decodeLay(state, entryDamaged) }
    }
    const where = place.decode(state)
    return { descriptor, size: where.size, place: where }
  },
}

/** The index key of object `n`. */
export function contentsKey(n: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES)
  key[0] = SPACE
  key[1] = CONTENTS
  const view = new DataView(key.buffer)
  view.setUint16(2, Math.floor(n / 0x1_0000_0000))
  view.setUint32(4, n >>> 0)
  return key
}

/** The number of the object whose entry has this key. Throws `INDEX_ENTRY_DAMAGED`. */
export function contentsNumber(key: Uint8Array): number {
  if (key.byteLength !== KEY_BYTES)
    throw entryDamaged('a key of the table of contents is cut short')
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES)
  return view.getUint16(2) * 0x1_0000_0000 + view.getUint32(4)
}

export function encodeContents(entry: ContentsEntry): Uint8Array {
  return encode(contentsEntry, entry)
}

export function decodeContents(value: Uint8Array): ContentsEntry {
  return decode(contentsEntry, value)
}

/** Whether the table of contents says that an object lies there. */
export function liesAt(entry: ContentsEntry | undefined, place: Place): boolean {
  return entry?.place?.block === place.block && entry.place.offset === place.offset
}
