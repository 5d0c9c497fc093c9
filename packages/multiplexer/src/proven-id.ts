import type { Codec, State } from '@datagram/log-core'
import { HASH_BYTES, readBytes, writeBytes } from './wire-fields.ts'

/** A stream, and the proof that the sender knows its key. */
export interface ProvenId {
  /** Discovery key of the stream's indexer log, 32 bytes. */
  readonly id: Uint8Array
  /** See `proveStream`, 32 bytes. */
  readonly proof: Uint8Array
  /** Of the root: the proof that the sender can read it, 32 bytes; see `proveReading`. */
  readonly readProof?: Uint8Array | undefined
}

/*
 * want, message 1, and accept, message 3.
 *
 *   offset  size  field
 *   0       32    id of the stream
 *   32      32    proof
 *   64      32    of the root, from who can read it: proof of that; since minor version 3
 *   96      …     fields of newer minor versions, skipped
 */
function provenId(message: string): Codec<ProvenId> {
  return {
    preencode(state: State, { readProof }: ProvenId): void {
      state.end += (readProof === undefined ? 2 : 3) * HASH_BYTES
    },
    encode(state: State, value: ProvenId): void {
      writeBytes(state, value.id)
      writeBytes(state, value.proof)
      if (value.readProof !== undefined) writeBytes(state, value.readProof)
    },
    decode(state: State): ProvenId {
      const id = readBytes(state, message, 'id')
      const proof = readBytes(state, message, 'proof')
      if (state.end - state.start < HASH_BYTES) return { id, proof }
      return { id, proof, readProof: readBytes(state, message, 'proof of reading') }
    },
  }
}

export const want: Codec<ProvenId> = provenId('want')
export const accept: Codec<ProvenId> = provenId('accept')
