import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import {
  HASH_BYTES,
  messageBroken,
  readByte,
  readBytes,
  readUint,
  writeBytes,
} from './wire-fields.ts'

/** Most logs of a stream that an announcement tells of. */
export const ANNOUNCED_LOGS_MAX = 16

/** How long the logs of a stream are now, at a side that has agreed to it and has not attached them. */
export interface Announce {
  readonly id: Uint8Array
  /** Blocks of each log, in the order of its offer: the indexer, the data log. */
  readonly lengths: readonly number[]
}

/*
 * announce, message 8.
 *
 *   offset  size  field
 *   0       32    id of the stream
 *   32      1     number of logs, 1..16, in the order of its offer, and for each
 *   …       1..9    its length in blocks, uint
 *   …       …     fields of newer minor versions, skipped
 */
export const announce: Codec<Announce> = {
  preencode(state: State, { lengths }: Announce): void {
    state.end += HASH_BYTES + 1
    for (const length of lengths) c.uint.preencode(state, length)
  },
  encode(state: State, { id, lengths }: Announce): void {
    writeBytes(state, id)
    state.buffer[state.start++] = lengths.length
    for (const length of lengths) c.uint.encode(state, length)
  },
  decode(state: State): Announce {
    const id = readBytes(state, 'announce', 'id')
    const count = readByte(state, 'announce', 'number of logs')
    if (count < 1 || count > ANNOUNCED_LOGS_MAX) {
      throw messageBroken('announce', `its number of logs is ${count}`)
    }
    const lengths = Array.from({ length: count }, () => readUint(state, 'announce', 'length'))
    return { id, lengths }
  },
}
