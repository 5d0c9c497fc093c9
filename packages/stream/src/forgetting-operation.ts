import type { State } from '@datagram/log-core'
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
 *                 3 an object was forgotten, 4 a frame moved
 *   forget an entry: what was written of the key before this operation is to go
 *   …       1..3  uint, bytes of the key
 *   …       …     key, in the key space of the operation
 *   forget an object, not needed any more:
 *   …       1..9  uint, number of the object
 *   was forgotten:
 *   …       1..9  uint, number of the object
 *   …       1..5  uint, number of its descriptor
 *   …       1..5  uint, bytes that its body had
 *   moved:
 *   …       1..9  uint, block of the frame
 *   …       1..9  uint, how many blocks before this frame's block that is which stands for it now
 */
const WHATS = ['forget-entry', 'forget-object', 'retire', 'forgotten', 'moved'] as const
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
    }
  | { readonly type: 'moved'; readonly block: number; readonly back: number }

export function preencodeForgetting(state: State, forgetting: Forgetting): void {
  state.end++
  if (forgetting.type === 'forget-entry') return preencodeSized(state, forgetting.key)
  for (const field of fieldsOf(forgetting)) c.uint.preencode(state, field)
}

export function encodeForgetting(state: State, forgetting: Forgetting): void {
  state.buffer[state.start++] = WHATS.indexOf(forgetting.type)
  if (forgetting.type === 'forget-entry') return encodeSized(state, forgetting.key)
  for (const field of fieldsOf(forgetting)) c.uint.encode(state, field)
}

/** What the next bytes say; anything else is `damaged`, and what a newer version wrote `unknown`. */
export function decodeForgetting(
  state: State,
  damaged: Damaged,
  unknown: (why: string) => Error,
): Forgetting {
  const [number] = decodeBytes(state, 1, 'kind of forgetting', damaged)
  const type = WHATS[number as number]
  if (type === undefined) throw unknown(`it has an operation of type 5, ${number}`)
  if (type === 'forget-entry') {
    const size = decodeUint(state, 'key length', damaged, { max: KEY_BYTES_MAX })
    return { type, key: decodeBytes(state, size, 'key', damaged) }
  }
  if (type === 'moved') {
    const block = decodeUint(state, 'block of a frame', damaged, { min: 1 })
    return { type, block, back: decodeUint(state, 'distance to a frame', damaged, { min: 1 }) }
  }
  const n = decodeUint(state, 'number of an object', damaged)
  if (type !== 'forgotten') return { type, n }
  const descriptor = decodeUint(state, 'descriptor', damaged, { max: DESCRIPTOR_MAX })
  const size = decodeUint(state, 'body length', damaged, { max: BODY_BYTES_MAX })
  return { type, n, descriptor, size }
}

function fieldsOf(forgetting: Exclude<Forgetting, { type: 'forget-entry' }>): readonly number[] {
  if (forgetting.type === 'moved') return [forgetting.block, forgetting.back]
  const { n } = forgetting
  return forgetting.type === 'forgotten' ? [n, forgetting.descriptor, forgetting.size] : [n]
}
