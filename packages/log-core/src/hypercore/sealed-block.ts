import b4a from 'b4a'
import { type BlockCipher, SEAL_BYTES } from '../block-cipher.ts'
import type { State } from '../codec.ts'
import { type BlockInput, envelope } from '../envelope.ts'
import type { HybridClock } from '../stamp.ts'

/** What a block is sealed with. */
export interface Sealing {
  /** undefined and null: it is left as it is. */
  readonly cipher: BlockCipher | null | undefined
  readonly clock: HybridClock
}

/** A block as it lies in the log: in its envelope, and sealed. */
export function sealBlock(
  { cipher, clock }: Sealing,
  index: number,
  { payload, kind = 0, stamp = clock.next() }: BlockInput,
  batchEnd: boolean,
): Uint8Array {
  const block = { kind, writer: 0, stamp, batchEnd, payload }
  const state: State = { start: 0, end: cipher ? SEAL_BYTES : 0, buffer: payload }
  state.start = state.end
  envelope.preencode(state, block)
  state.buffer = b4a.allocUnsafe(state.end)
  envelope.encode(state, block)
  cipher?.seal(index, state.buffer)
  return state.buffer
}
