import { type Codec, decode, encode, type State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'

/** One thing that a header says beyond its version 1. */
export interface ExtensionField {
  readonly number: number
  readonly bytes: Uint8Array
}

const FIELDS_MAX = 64

/*
 * The extension of a header: nothing, or fields one behind another. Numbers that are not known are kept and passed over.
 *
 *   size  field
 *   1..9  uint, number: 1 author (author-binding.ts)
 *   1..3  uint, bytes of it
 *   …     what it says
 */
const fields: Codec<readonly ExtensionField[]> = {
  preencode(state: State, value): void {
    for (const { number, bytes } of value) {
      c.uint.preencode(state, number)
      preencodeSized(state, bytes)
    }
  },
  encode(state: State, value): void {
    for (const { number, bytes } of value) {
      c.uint.encode(state, number)
      encodeSized(state, bytes)
    }
  },
  decode(state: State): ExtensionField[] {
    const read: ExtensionField[] = []
    while (state.start < state.end && read.length < FIELDS_MAX) {
      const number = decodeUint(state, 'number of a field', damaged)
      const size = decodeUint(state, 'size of a field', damaged)
      read.push({ number, bytes: decodeBytes(state, size, 'field', damaged) })
    }
    return read
  },
}

/** The fields of an extension; of one that cannot be read, none: it says nothing that a stream needs. */
export function extensionFields(extension: Uint8Array): readonly ExtensionField[] {
  try {
    return decode(fields, extension)
  } catch {
    return []
  }
}

/** An extension with one field exchanged, or taken away. */
export function withField(
  extension: Uint8Array,
  number: number,
  bytes: Uint8Array | undefined,
): Uint8Array {
  const others = extensionFields(extension).filter((field) => field.number !== number)
  return encode(fields, bytes === undefined ? others : [...others, { number, bytes }])
}

function damaged(why: string): Error {
  return new RangeError(why)
}
