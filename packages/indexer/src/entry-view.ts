import { copyWindow } from './byte-copies.ts'

const EMPTY = new Uint8Array(0)

/**
 * One entry as a cursor shows it: windows into buffers, which the cursor's next move may overwrite.
 *
 * A plain record with one shape for every cursor, so that the loops over it stay fast and allocate
 * nothing. A tombstone (a deletion) has an empty value.
 */
export class EntryView {
  keyBytes: Uint8Array = EMPTY
  keyStart = 0
  keyEnd = 0
  valueBytes: Uint8Array = EMPTY
  valueStart = 0
  valueEnd = 0
  tombstone = false
  /** Stamp of the operation, milliseconds since 1970. */
  ms = 0
  /** Stamp of the operation, counter. */
  counter = 0

  /** A copy of the key. */
  key(): Uint8Array {
    return copyWindow(this.keyBytes, this.keyStart, this.keyEnd)
  }

  /** A copy of the value. */
  value(): Uint8Array {
    return copyWindow(this.valueBytes, this.valueStart, this.valueEnd)
  }
}
