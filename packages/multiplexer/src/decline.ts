import type { Codec, State } from '@datagram/log-core'
import { HASH_BYTES, readByte, readBytes, writeBytes } from './wire-fields.ts'

/** Why a stream was declined. Reasons that a newer version has invented read as `other`. */
export type DeclineReason =
  /** Something else. */
  | 'other'
  /** The peer's policy does not want it, or does not show it. */
  | 'policy'
  /** The peer does not have it; it may yet get it, and will then accept. */
  | 'unknown'
  /** The proof does not fit the stream's key. */
  | 'proof-wrong'
  /** Only who has proved the root may offer streams. */
  | 'not-entitled'
  /** More streams than the peer keeps. */
  | 'too-many'

const reasons: readonly DeclineReason[] = [
  'other',
  'policy',
  'unknown',
  'proof-wrong',
  'not-entitled',
  'too-many',
]

/** A stream that the sender does not take part in. */
export interface Decline {
  readonly id: Uint8Array
  readonly reason: DeclineReason
}

/*
 * decline, message 4.
 *
 *   offset  size  field
 *   0       32    id of the stream
 *   32      1     reason: 0 other, 1 policy, 2 unknown, 3 proof wrong, 4 not entitled, 5 too many
 *   33      …     fields of newer minor versions, skipped
 */
export const decline: Codec<Decline> = {
  preencode(state: State): void {
    state.end += HASH_BYTES + 1
  },
  encode(state: State, value: Decline): void {
    writeBytes(state, value.id)
    state.buffer[state.start++] = reasons.indexOf(value.reason)
  },
  decode(state: State): Decline {
    const id = readBytes(state, 'decline', 'id')
    return { id, reason: reasons[readByte(state, 'decline', 'reason')] ?? 'other' }
  },
}
