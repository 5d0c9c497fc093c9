import type { Codec, State } from '@datagram/log-core'
import { HASH_BYTES, readBytes, writeBytes } from './wire-fields.ts'

/** A stream, and the proof that the sender knows its key. */
export interface ProvenId {
  /** Discovery key of the stream's indexer log, 32 bytes. */
  readonly id: Uint8Array
  /** See `proveStream`, 32 bytes. */
  readonly proof: Uint8Array
}

/*
 * want, message 1, and accept, message 3.
 *
 *   offset  size  field
 *   0       32    id of the stream
 *   32      32    proof
 *   64      …     fields of newer minor versions, skipped
 */
function provenId(message: string): Codec<ProvenId> {
  return {
    preencode(state: State): void {
      state.end += 2 * HASH_BYTES
    },
    encode(state: State, value: ProvenId): void {
      writeBytes(state, value.id)
      writeBytes(state, value.proof)
    },
    decode(state: State): ProvenId {
      const id = readBytes(state, message, 'id')
      return { id, proof: readBytes(state, message, 'proof') }
    },
  }
}

export const want: Codec<ProvenId> = provenId('want')
export const accept: Codec<ProvenId> = provenId('accept')
