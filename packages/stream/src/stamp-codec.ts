import type { Stamp, State } from '@datagram/log-core'
import { type Damaged, decodeBytes } from './bounded-codec.ts'

/** Bytes of a stamp: milliseconds since 1970 in 6, the counter in 2, both big endian. */
export const STAMP_BYTES = 8

export function encodeStamp(state: State, { ms, counter }: Stamp): void {
  const view = new DataView(state.buffer.buffer, state.buffer.byteOffset + state.start, STAMP_BYTES)
  view.setUint16(0, Math.floor(ms / 0x1_0000_0000))
  view.setUint32(2, ms >>> 0)
  view.setUint16(6, counter)
  state.start += STAMP_BYTES
}

export function decodeStamp(state: State, damaged: Damaged): Stamp {
  const bytes = decodeBytes(state, STAMP_BYTES, 'stamp', damaged)
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES)
  return {
    ms: view.getUint16(0) * 0x1_0000_0000 + view.getUint32(2),
    counter: view.getUint16(6),
  }
}
