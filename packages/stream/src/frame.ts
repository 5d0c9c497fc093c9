import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeUint } from './bounded-codec.ts'
import {
  type FrameOperation,
  frameDamaged,
  frameOperation,
  frameUnknown,
  isNumbered,
} from './frame-operation.ts'

/*
 * A frame: what was written together, in one block of kind 2. Version 1.
 *
 *   offset  size  field
 *   0       1     high nibble: format version, 1
 *                 low nibble: flags; 0x1 objects, 0x2 seen heads
 *   1       1..9  [objects] uint, number of the frame's first object; the others count on from it
 *   …       1..3  [seen] uint, count of seen heads, 1 to 1024, and for each:
 *   …       1..9  uint, number of a writer
 *   …       1..9  uint, length of that writer's data log when this frame was written
 *   …       …     operations (see frame-operation.ts), to the end of the payload
 *
 * The envelope around it carries the writer and the stamp. A frame is applied when the end of its batch
 * is there; until then none of its operations is.
 */
const VERSION = 1
const FLAG_OBJECTS = 0x1
const FLAG_SEEN = 0x2
const SEEN_MAX = 1024
// A number of an object has 6 bytes, and a block has room for fewer than 2^23 objects.
const FIRST_OBJECT_MAX = 2 ** 48 - 2 ** 23

/** Block kind of frames. */
export const FRAME_KIND = 2
/** Block kind of what stands for a frame of which something was forgotten (see moved-frame.ts). */
export const MOVED_KIND = 4
/** Block kind of the chunks of large bodies. */
export const CHUNK_KIND = 3
/** Most bytes that a frame has before its operations, in what this version writes. */
export const FRAME_HEAD_BYTES_MAX = 10

/** How much of another writer's data log had been seen. */
export interface SeenHead {
  readonly writer: number
  readonly length: number
}

/** One frame. */
export interface Frame {
  /** Number of its first object, when it has objects. */
  readonly firstObject: number | undefined
  /** Heads of other writers that its writer had seen; version 1 writes none. */
  readonly seen: readonly SeenHead[]
  readonly operations: readonly FrameOperation[]
}

/** Codec of a frame. `decode` throws `FRAME_DAMAGED` or `FRAME_FORMAT_UNKNOWN`, nothing else. */
export const frame: Codec<Frame> = {
  preencode(state: State, { firstObject, seen, operations }: Frame): void {
    state.end++
    if (firstObject !== undefined) c.uint.preencode(state, firstObject)
    if (seen.length > 0) c.uint.preencode(state, seen.length)
    for (const { writer, length } of seen) {
      c.uint.preencode(state, writer)
      c.uint.preencode(state, length)
    }
    for (const operation of operations) frameOperation.preencode(state, operation)
  },
  encode(state: State, { firstObject, seen, operations }: Frame): void {
    const objects = firstObject === undefined ? 0 : FLAG_OBJECTS
    const heads = seen.length === 0 ? 0 : FLAG_SEEN
    state.buffer[state.start++] = (VERSION << 4) | objects | heads
    if (firstObject !== undefined) c.uint.encode(state, firstObject)
    if (seen.length > 0) c.uint.encode(state, seen.length)
    for (const { writer, length } of seen) {
      c.uint.encode(state, writer)
      c.uint.encode(state, length)
    }
    for (const operation of operations) frameOperation.encode(state, operation)
  },
  decode(state: State): Frame {
    if (state.start >= state.end) throw frameDamaged('it is empty')
    const head = state.buffer[state.start++] as number
    if (head >> 4 !== VERSION) throw frameUnknown(`its format version is ${head >> 4}`)
    const flags = head & 0xf
    if ((flags & ~(FLAG_OBJECTS | FLAG_SEEN)) !== 0) throw frameUnknown(`its flags are ${flags}`)
    const firstObject =
      (flags & FLAG_OBJECTS) === 0
        ? undefined
        : decodeUint(state, 'first object number', frameDamaged, { max: FIRST_OBJECT_MAX })
    const seen = (flags & FLAG_SEEN) === 0 ? [] : decodeSeen(state)
    const operations: FrameOperation[] = []
    let objects = 0
    while (state.start < state.end) {
      const operation = frameOperation.decode(state)
      if (isNumbered(operation)) objects++
      operations.push(operation)
    }
    if (objects > 0 !== (firstObject !== undefined)) {
      throw frameDamaged('its objects and their first number do not go together')
    }
    return { firstObject, seen, operations }
  },
}

function decodeSeen(state: State): SeenHead[] {
  const count = decodeUint(state, 'count of seen heads', frameDamaged, { min: 1, max: SEEN_MAX })
  const seen: SeenHead[] = []
  for (let i = 0; i < count; i++) {
    const writer = decodeUint(state, 'writer of a seen head', frameDamaged)
    seen.push({ writer, length: decodeUint(state, 'length of a seen head', frameDamaged) })
  }
  return seen
}
