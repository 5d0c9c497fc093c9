import { encodeDefinition } from '@datagram/descriptors'
import { type Codec, decode, encode, type State } from '@datagram/log-core'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { entryDamaged } from './place.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

/*
 * The record of a descriptor: in key space 0, one for each that objects of the stream name by number.
 *
 *   key     offset  size  field            (after the byte of the key space)
 *           0       1     2, descriptors
 *           1       4     number of the descriptor in this stream, big endian, from 1
 *   value   0       32    id: the SHA-256 of the definition
 *           32      1..5  uint, bytes of the definition
 *           …       …     definition (see the package descriptors)
 */
const DESCRIPTORS = 2
const KEY_BYTES = 5
const ID_BYTES = 32

/** What a stream keeps of a descriptor. */
export interface DescriptorRecord {
  /** What names it everywhere, 32 bytes. */
  readonly id: Uint8Array
  /** Its definition; `decodeDefinition` of `@datagram/descriptors` reads it. */
  readonly definition: Uint8Array
}

/** Bounds of the records, within key space 0. */
export const descriptorBounds = {
  gte: new Uint8Array([DESCRIPTORS]),
  lt: new Uint8Array([DESCRIPTORS + 1]),
} as const

/** Codec of a record's value. `decode` throws `INDEX_ENTRY_DAMAGED`. */
export const descriptorRecord: Codec<DescriptorRecord> = {
  preencode(state: State, { id, definition }: DescriptorRecord): void {
    state.end += id.byteLength
    preencodeSized(state, definition)
  },
  encode(state: State, { id, definition }: DescriptorRecord): void {
    state.buffer.set(id, state.start)
    state.start += id.byteLength
    encodeSized(state, definition)
  },
  decode(state: State): DescriptorRecord {
    const id = decodeBytes(state, ID_BYTES, 'id', entryDamaged)
    const bytes = decodeUint(state, 'definition length', entryDamaged, { max: BODY_BYTES_MAX })
    return { id, definition: decodeBytes(state, bytes, 'definition', entryDamaged) }
  },
}

/** The definition as the stream keeps it. */
export function definitionBytes({
  definition,
  encodedDefinition,
}: Pick<StreamDescriptor, 'definition' | 'encodedDefinition'>): Uint8Array {
  return encodedDefinition ?? encodeDefinition(definition)
}

/** The entry that records `descriptor` under `number`. */
export function describe(
  number: number,
  descriptor: StreamDescriptor,
): { readonly key: Uint8Array; readonly body: Uint8Array } {
  const { id } = descriptor
  if (!(id instanceof Uint8Array) || id.byteLength !== ID_BYTES) {
    throw new TypeError(`a descriptor's id has ${ID_BYTES} bytes`)
  }
  const definition = definitionBytes(descriptor)
  return { key: descriptorKey(number), body: encode(descriptorRecord, { id, definition }) }
}

/** The key, within key space 0, of the record of the descriptor with this number. */
export function descriptorKey(number: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES)
  key[0] = DESCRIPTORS
  new DataView(key.buffer).setUint32(1, number)
  return key
}

/** The number of the descriptor whose record has this key. Throws `INDEX_ENTRY_DAMAGED`. */
export function descriptorNumber(key: Uint8Array): number {
  if (key.byteLength !== KEY_BYTES) throw entryDamaged('the key of a descriptor is cut short')
  return new DataView(key.buffer, key.byteOffset, KEY_BYTES).getUint32(1)
}

/** The record in an entry's value. */
export function decodeDescriptor(value: Uint8Array): DescriptorRecord {
  return decode(descriptorRecord, value)
}
