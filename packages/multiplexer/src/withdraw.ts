import type { Codec, State } from '@datagram/log-core'
import { HASH_BYTES, readBytes, writeBytes } from './wire-fields.ts'

/*
 * withdraw, message 5: takes back a want, an offer or an accept.
 *
 *   offset  size  field
 *   0       32    id of the stream
 *   32      …     fields of newer minor versions, skipped
 */
export const withdraw: Codec<Uint8Array> = {
  preencode(state: State): void {
    state.end += HASH_BYTES
  },
  encode(state: State, id: Uint8Array): void {
    writeBytes(state, id)
  },
  decode: (state: State): Uint8Array => readBytes(state, 'withdraw', 'id'),
}
