/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import { type BlockCipher, SEAL_BYTES } from '../block-cipher.ts'
import type { State } from '../codec.ts'
import { type Block, type BlockInput, envelope } from '../envelope.ts'
import { logError } from '../log-errors.ts'
import type { HybridClock } from '../stamp.ts'
import { takeMemory } from './spare-memory.ts'
import { unopenedBlock } from './unopened-block.ts'

/** What a block is sealed with. */
export interface Sealing {
  /** undefined and null: it is left as it is. */
  readonly cipher: BlockCipher | null | undefined
  readonly clock: HybridClock
}

/**
 * A block as it lies in the log: in its envelope, and sealed. Its memory may be given back (see spare-memory.ts)
 * once nobody uses it any more.
 */
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
  state.buffer = takeMemory(state.end)
  envelope.encode(state, block)
  cipher?.seal(index, state.buffer)
  return state.buffer
}

/**
 * A block that was read, opened and taken out of its envelope. `inPlace`: in its own memory, which is nobody
 * else's. Throws `BLOCK_KEY_WRONG`, `BLOCK_DAMAGED`, `BLOCK_FORMAT_UNKNOWN`.
 */
export async function openBlock(
  core: Hypercore,
  { cipher }: Pick<Sealing, 'cipher'>,
  index: number,
  sealed: Uint8Array,
  { inPlace = false }: { readonly inPlace?: boolean } = {},
): Promise<Block> {
  if (cipher === undefined) {
    throw logError('BLOCK_KEY_WRONG', 'this log was opened without its key; open it with the key')
  }
  const opened = cipher === null ? sealed : openWith(cipher, index, sealed, inPlace)
  if (opened === undefined) throw await unopenedBlock(core, index, inPlace ? undefined : sealed)
  const state: State = { start: 0, end: opened.byteLength, buffer: opened }
  return { index, ...envelope.decode(state) }
}

function openWith(
  cipher: BlockCipher,
  index: number,
  sealed: Uint8Array,
  inPlace: boolean,
): Uint8Array | undefined {
  return inPlace ? cipher.openInPlace(index, sealed) : cipher.open(index, sealed)
}
