import type { BlockRange, State } from '@datagram/log-core'
import c from 'compact-encoding'
import {
  type Damaged,
  decodeBytes,
  decodeUint,
  encodeSized,
  preencodeSized,
} from './bounded-codec.ts'
import { BODY_BYTES_MAX, KEY_BYTES_MAX } from './limits.ts'

/*
 * What an operation of type 5 says of forgetting; after its head and key space.
 *
 *   offset  size  field
 *   0       1     what: 0 forget an entry, 1 forget an object, 2 an object is not needed any more,
 *                 3 an object was forgotten, 4 a frame moved, 5 an object was forgotten and where it lay,
 *                 6 forget the entries of a range
 *   forget an entry: what was written of the key before this operation is to go
 *   …       1..3  uint, bytes of the key
 *   …       …     key, in the key space of the operation
 *   forget an object, not needed any more:
 *   …       1..9  uint, number of the object
 *   was forgotten:
 *   …       1..9  uint, number of the object
 *   …       1..5  uint, number of its descriptor
 *   …       1..5  uint, bytes that its body had
 *   and where it lay:
 *   …       1..9  uint, first block of its body, at least 1
 *   …       1..5  uint, blocks, at least 1
 *   moved:
 *   …       1..9  uint, block of the frame
 *   …       1..9  uint, how many blocks before this frame's block that is which stands for it now
 *   forget the entries of a range: what was written of its keys before this operation is to go
 *   …       1..3  uint, bytes of the first key
 *   …       …     first key
 *   …       1     0 to the end of the key space; 1 the key that it ends before follows
 *   …       1..3  uint, bytes of that key
 *   …       …     key that it ends before
 */
const WHATS = [
  'forget-entry',
  'forget-object',
  'retire',
  'forgotten',
  'moved',
  'forgotten',
  'forget-range',
] as const
const FORGOTTEN_WITH_PLACE = 5
const DESCRIPTOR_MAX = 0xffff_ffff

/** What an operation says of forgetting. */
export type Forgetting =
  | { readonly type: 'forget-entry'; readonly key: Uint8Array }
  | { readonly type: 'forget-object'; readonly n: number }
  | { readonly type: 'retire'; readonly n: number }
  | {
      readonly type: 'forgotten'
      readonly n: number
      readonly descriptor: number
      readonly size: number
      /** The blocks that its body lay in, where that is known. */
      readonly lay?: BlockRange | undefined
    }
  | { readonly type: 'moved'; readonly block: number; readonly back: number }
  | {
      readonly type: 'forget-range'
      readonly from: Uint8Array
      /** The key that it ends before; undefined: the end of the key space. */
      readonly to: Uint8Array | undefined
    }

export function preencodeForgetting(state: State, forgetting: Forgetting): void {
  state.end++
  for (const field of fieldsOf(forgetting)) c.uint.preencode(state, field)
  for (const key of keysOf(forgetting)) {
    if (key !== undefined) preencodeSized(state, key)
  }
  if (forgetting.type === 'forget-range') state.end++
}

export function encodeForgetting(state: State, forgetting: Forgetting): void {
  const hasPlace = forgetting.type === 'forgotten' && forgetting.lay !== undefined
  const what = hasPlace ? FORGOTTEN_WITH_PLACE : WHATS.indexOf(forgetting.type)
  state.buffer[state.start++] = what
  for (const field of fieldsOf(forgetting)) c.uint.encode(state, field)
  const [first, last] = keysOf(forgetting)
  if (first !== undefined) encodeSized(state, first)
  if (forgetting.type !== 'forget-range') return
  state.buffer[state.start++] = last === undefined ? 0 : 1
  if (last !== undefined) encodeSized(state, last)
}

/** What the next bytes say; anything else is `damaged`, and what a newer version wrote `unknown`. */
export function decodeForgetting(
  state: State,
  damaged: Damaged,
  unknown: (why: string) => Error,
): Forgetting {
  const [number] = decodeBytes(state, 1, 'kind of forgetting', damaged)
  const type = WHATS[number as number]
  switch (type) {
    case undefined:
      throw unknown(`it has an operation of type 5, ${number}`)
    case 'forget-entry':
      return { type, key: decodeKey(state, damaged) }
    case 'forget-range': {
      const from = decodeKey(state, damaged)
      const hasEnd = decodeUint(state, 'end of a range', damaged, { max: 1 }) === 1
      return { type, from, to: hasEnd ? decodeKey(state, damaged) : undefined }
    }
    case 'moved': {
      const block = decodeUint(state, 'block of a frame', damaged, { min: 1 })
      return { type, block, back: decodeUint(state, 'distance to a frame', damaged, { min: 1 }) }
    }
    default: {
      const n = decodeUint(state, 'number of an object', damaged)
      if (type !== 'forgotten') return { type, n }
      const descriptor = decodeUint(state, 'descriptor', damaged, { max: DESCRIPTOR_MAX })
      const size = decodeUint(state, 'body length', damaged, { max: BODY_BYTES_MAX })
      if (number !== FORGOTTEN_WITH_PLACE) return { type, n, descriptor, size }
      return { type, n, descriptor, size, lay: decodeLay(state, damaged) }
    }
  }
}

/** Blocks that a body lay in: the first, then how many. Throws what `damaged` makes. */
export function decodeLay(state: State, damaged: Damaged): BlockRange {
  const start = decodeUint(state, 'first block of a body', damaged, { min: 1 })
  const blocks = decodeUint(state, 'blocks of a body', damaged, { min: 1, max: BODY_BYTES_MAX })
  return { start, end: start + blocks }
}

function decodeKey(state: State, damaged: Damaged): Uint8Array {
  const size = decodeUint(state, 'key length', damaged, { max: KEY_BYTES_MAX })
  return decodeBytes(state, size, 'key', damaged)
}

function keysOf(forgetting: Forgetting): readonly (Uint8Array | undefined)[] {
  if (forgetting.type === 'forget-entry') return [forgetting.key]
  return forgetting.type === 'forget-range' ? [forgetting.from, forgetting.to] : []
}

function fieldsOf(forgetting: Forgetting): readonly number[] {
  switch (forgetting.type) {
    case 'forget-entry':
    case 'forget-range':
      return []
    case 'moved':
      return [forgetting.block, forgetting.back]
    case 'forgotten': {
      const { n, descriptor, size, lay } = forgetting
      return lay === undefined ? [n, descriptor, size] : [n, descriptor, size, ...fieldsOfLay(lay)]
    }
    default:
      return [forgetting.n]
  }
}

/** What {@link decodeLay} reads. */
export function fieldsOfLay({ start, end }: BlockRange): readonly [number, number] {
  return [start, end - start]
}
