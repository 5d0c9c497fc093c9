import { plain } from './byte-copies.ts'
import { blockDamaged, formatUnknown } from './index-errors.ts'

/*
 * A partition of a group's filter. Payload of a block of kind 19, version 1; how bits are chosen is
 * drawn in `bloom-filter.ts`.
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       …     the filter's bits, at least 1 byte and at most 64 KiB
 */

/** Block kind of a filter. */
export const FILTER_KIND = 19
/** Bytes before the bits. */
export const FILTER_HEADER_BYTES = 1
/** Format version of a filter block. */
export const FILTER_VERSION = 1
const FILTER_BYTES_MAX = 65_536 + FILTER_HEADER_BYTES

/** A filter block as it is kept in memory: its payload, the bits beginning at {@link FILTER_HEADER_BYTES}. */
export class FilterPage {
  readonly kind = 'filter'
  /** Set by every read; the page cache clears it (second chance). */
  used = false
  readonly bytes: Uint8Array

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Memory that the page takes, in bytes. */
  get memoryBytes(): number {
    return this.bytes.length + 120
  }

  /** Checks a filter block. Throws `INDEX_FORMAT_UNKNOWN`, `INDEX_BLOCK_DAMAGED`. */
  static decode(payload: Uint8Array): FilterPage {
    if (payload[0] !== FILTER_VERSION) throw formatUnknown('filter', payload[0])
    if (payload.length <= FILTER_HEADER_BYTES || payload.length > FILTER_BYTES_MAX) {
      throw blockDamaged('filter', `it has ${payload.length} bytes`)
    }
    return new FilterPage(plain(payload))
  }
}
