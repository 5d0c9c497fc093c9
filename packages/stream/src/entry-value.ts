import { decode, encode } from '@datagram/log-core'
import { entryDamaged, type Place, place, TAG_INLINE } from './place.ts'
import { pooledBytes } from './pooled-bytes.ts'

/*
 * The value of an index entry in a key space of an interface.
 *
 *   offset  size  field
 *   0       1     tag; 0 inline, 1 inside a frame, 2 in chunk blocks
 *   1       …     tag 0: the value itself, to the end
 *                 tags 1 and 2: the rest of a place (see place.ts)
 */

/** The entry of a value that lies in the index itself. */
export function inlineEntry(value: Uint8Array): Uint8Array {
  const entry = pooledBytes(1 + value.byteLength)
  entry.set(value, 1)
  return entry
}

/** The entry of a value that lies in the data log. */
export function placeEntry(where: Place): Uint8Array {
  return encode(place, where)
}

/**
 * What an entry says: the value, as a view on `entry`, or where it lies. Throws `INDEX_ENTRY_DAMAGED`
 * or `INDEX_ENTRY_UNKNOWN`.
 */
export function readEntry(entry: Uint8Array): Uint8Array | Place {
  if (entry[0] === TAG_INLINE) return entry.subarray(1)
  if (entry.byteLength === 0) throw entryDamaged('it is empty')
  return decode(place, entry)
}
