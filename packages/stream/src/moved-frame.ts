import { type Block, type Codec, decode, encode, type State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeBytes, decodeUint } from './bounded-codec.ts'
import { FRAME_KIND } from './frame.ts'
import { frameDamaged, frameUnknown } from './frame-operation.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { decodeStamp, encodeStamp, STAMP_BYTES } from './stamp-codec.ts'

/*
 * What stands for a frame of which something was forgotten: the same payload, with zeros in place of what is
 * gone, so that everything that points into the frame stays right. Payload of a block of kind 4. Version 1.
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     flags; 0x1 the frame ended its batch
 *   2       1..9  uint, block of the frame that it stands for, at least 1
 *   …       6     stamp of that block: milliseconds since 1970, big endian
 *   …       2     stamp of that block: counter, big endian
 *   …       1..9  uint, writer of that block
 *   …       1..5  uint, bytes of the frame's payload
 *   …       1..5  uint, count of runs of zeros that are left out here, and for each:
 *   …       1..5  uint, bytes between the end of the run before (or 0) and this one
 *   …       1..5  uint, bytes of the run, at least 1
 *   …       …     the frame's payload without these runs, to the end
 */
const VERSION = 1
const FLAG_BATCH_END = 0x1
// Shorter runs cost more to leave out than to write.
const RUN_BYTES_MIN = 8

/** A frame as it stands in another block now. */
export interface MovedFrame extends Pick<Block, 'stamp' | 'writer' | 'batchEnd' | 'payload'> {
  /** The block that it stands for. */
  readonly block: number
}

/** Codec of a moved frame. `decode` throws `FRAME_DAMAGED` or `FRAME_FORMAT_UNKNOWN`. */
export const movedFrame: Codec<MovedFrame> = {
  preencode(state: State, { block, writer, payload }: MovedFrame): void {
    const runs = zeroRuns(payload)
    state.end += 2 + STAMP_BYTES
    for (const field of [block, writer, payload.byteLength, runs.length]) {
      c.uint.preencode(state, field)
    }
    let end = 0
    state.end += payload.byteLength
    for (const run of runs) {
      c.uint.preencode(state, run.start - end)
      c.uint.preencode(state, run.end - run.start)
      end = run.end
      state.end -= run.end - run.start
    }
  },
  encode(state: State, { block, stamp, writer, batchEnd, payload }: MovedFrame): void {
    const runs = zeroRuns(payload)
    state.buffer[state.start++] = VERSION
    state.buffer[state.start++] = batchEnd ? FLAG_BATCH_END : 0
    c.uint.encode(state, block)
    encodeStamp(state, stamp)
    for (const field of [writer, payload.byteLength, runs.length]) c.uint.encode(state, field)
    let end = 0
    for (const run of runs) {
      c.uint.encode(state, run.start - end)
      c.uint.encode(state, run.end - run.start)
      end = run.end
    }
    let at = 0
    for (const { start, end: next } of [...runs, { start: payload.byteLength, end: 0 }]) {
      state.buffer.set(payload.subarray(at, start), state.start)
      state.start += start - at
      at = next
    }
  },
  decode(state: State): MovedFrame {
    const [version] = decodeBytes(state, 1, 'format version', frameDamaged)
    if (version !== VERSION) throw frameUnknown(`its format version is ${version}`)
    const [flags] = decodeBytes(state, 1, 'flags', frameDamaged)
    if (((flags as number) & ~FLAG_BATCH_END) !== 0) throw frameUnknown(`its flags are ${flags}`)
    const block = decodeUint(state, 'block', frameDamaged, { min: 1 })
    const stamp = decodeStamp(state, frameDamaged)
    const writer = decodeUint(state, 'writer', frameDamaged)
    const payload = decodePayload(state)
    return { block, stamp, writer, batchEnd: flags === FLAG_BATCH_END, payload }
  },
}

/** The payload of a block that stands for `frame`, of which something was forgotten. */
export function encodeMoved({ index, stamp, writer, batchEnd }: Block, payload: Uint8Array) {
  return encode(movedFrame, { block: index, stamp, writer, batchEnd, payload })
}

/** The frame's block as it was, less what was forgotten, out of the block that stands for it. */
export function standFor(index: number, { payload }: Pick<Block, 'payload'>): Block {
  const moved = decode(movedFrame, payload)
  if (moved.block !== index) {
    throw frameDamaged(`what should stand for block ${index} stands for block ${moved.block}`)
  }
  const { stamp, writer, batchEnd } = moved
  return { index, kind: FRAME_KIND, stamp, writer, batchEnd, payload: moved.payload }
}

function decodePayload(state: State): Uint8Array {
  const size = decodeUint(state, 'payload length', frameDamaged, { max: BODY_BYTES_MAX })
  const count = decodeUint(state, 'count of runs', frameDamaged, { max: size })
  const payload = new Uint8Array(size)
  const runs: { start: number; end: number }[] = []
  let end = 0
  for (let i = 0; i < count; i++) {
    const start = end + decodeUint(state, 'start of a run', frameDamaged, { max: size })
    end = start + decodeUint(state, 'length of a run', frameDamaged, { min: 1, max: size })
    if (end > size) throw frameDamaged('a run of zeros reaches beyond its end')
    runs.push({ start, end })
  }
  let at = 0
  for (const run of [...runs, { start: size, end: size }]) {
    payload.set(decodeBytes(state, run.start - at, 'payload', frameDamaged), at)
    at = run.end
  }
  return payload
}

function zeroRuns(payload: Uint8Array): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = []
  let at = payload.indexOf(0)
  while (at !== -1) {
    let end = at
    while (end < payload.byteLength && payload[end] === 0) end++
    if (end - at >= RUN_BYTES_MIN) runs.push({ start: at, end })
    at = payload.indexOf(0, end)
  }
  return runs
}
