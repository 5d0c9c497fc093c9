import { type Codec, decode, encode, type State } from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'
import { assertInterfaceName, INTERFACE_NAME_BYTES_MAX } from './interface-name.ts'
import { entryDamaged } from './place.ts'

/*
 * The record of a key space: in key space 0, one for each interface that the stream's own requires, and
 * one for its own once its data was migrated.
 *
 *   key     offset  size  field            (after the byte of the key space)
 *           0       1     3, key spaces
 *           1       1     number of the key space
 *   value   0       1..3  uint, bytes of the path, at most 512
 *           …       …     path: the slots of `requires` on the way to it, joined by `/`; empty: its own
 *           …       1     uint, bytes of the interface's name, 1 to 64
 *           …       …     name of the interface, ASCII
 *           …       1..9  uint, version of the data in it
 */
const SPACES = 3
const PATH_BYTES_MAX = 512

/** Which interface has a key space, and the version of its data there. */
export interface SpaceRecord {
  readonly path: string
  readonly type: string
  readonly version: number
}

/** Bounds of the records, within key space 0. */
export const spaceBounds = {
  gte: new Uint8Array([SPACES]),
  lt: new Uint8Array([SPACES + 1]),
} as const

/** Codec of a record's value. `decode` throws `INDEX_ENTRY_DAMAGED`. */
export const spaceRecord: Codec<SpaceRecord> = {
  preencode(state: State, { path, type, version }: SpaceRecord): void {
    preencodeSized(state, b4a.from(path))
    preencodeSized(state, b4a.from(type))
    c.uint.preencode(state, version)
  },
  encode(state: State, { path, type, version }: SpaceRecord): void {
    encodeSized(state, b4a.from(path))
    encodeSized(state, b4a.from(type))
    c.uint.encode(state, version)
  },
  decode(state: State): SpaceRecord {
    const pathBytes = decodeUint(state, 'path length', entryDamaged, { max: PATH_BYTES_MAX })
    const path = b4a.toString(decodeBytes(state, pathBytes, 'path', entryDamaged))
    const nameBytes = decodeUint(state, 'name length', entryDamaged, {
      min: 1,
      max: INTERFACE_NAME_BYTES_MAX,
    })
    const type = b4a.toString(decodeBytes(state, nameBytes, 'name', entryDamaged))
    try {
      assertInterfaceName(type)
    } catch (cause) {
      throw entryDamaged('the name of an interface has characters that a name cannot have', cause)
    }
    const version = decodeUint(state, 'version', entryDamaged, { min: 1 })
    return { path, type, version }
  },
}

/** The key, within key space 0, of the record of a key space. */
export function spaceKey(space: number): Uint8Array {
  return new Uint8Array([SPACES, space])
}

/** The key space that a record with this key is of. Throws `INDEX_ENTRY_DAMAGED`. */
export function spaceNumber(key: Uint8Array): number {
  if (key.byteLength !== 2) throw entryDamaged('the key of a key space record is cut short')
  return key[1] as number
}

export function encodeSpace(record: SpaceRecord): Uint8Array {
  return encode(spaceRecord, record)
}

export function decodeSpace(value: Uint8Array): SpaceRecord {
  return decode(spaceRecord, value)
}
