import type { BlockRange, Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeUint } from './bounded-codec.ts'
import { chunkCount, type FrameBody, isChunked } from './frame-operation.ts'
import { BODY_BYTES_MAX, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN } from './limits.ts'
import { type StreamErrorCode, streamError } from './stream-errors.ts'

/*
 * A place: where a value or body lies in the data log. It is the part after the tag of an index entry.
 *
 *   offset  size  field
 *   0       1     1: inside a frame; 2: in chunk blocks
 *   1       1..9  uint, block: the frame's, or the first chunk's; at least 1
 *   in a frame:
 *   …       1..5  uint, where it begins in the frame's payload; at least 1
 *   …       1..5  uint, bytes
 *   in chunks:
 *   …       1..5  uint, bytes, at least 1
 *   …       1..9  uint, bytes of each chunk but the last, 1 KiB to 8 MiB
 */

/** Tags of index entries. `TAG_INLINE` is followed by the value itself. */
export const TAG_INLINE = 0
export const TAG_FRAME = 1
export const TAG_CHUNKS = 2

/** Where a value or body lies in the data log. */
export interface Place {
  /** Index of the frame's block, or of the first chunk's when there are chunks. */
  readonly block: number
  /** Where it begins in the block's payload; 0 for chunks. */
  readonly offset: number
  /** Its bytes. */
  readonly size: number
  /** Bytes of each chunk but the last; undefined when it lies inside a frame. */
  readonly chunkBytes: number | undefined
}

/** The place of a body of the frame in block `frameBlock`. */
export function placeOf(body: FrameBody, frameBlock: number): Place {
  if (!isChunked(body)) {
    return {
      block: frameBlock,
      offset: body.offset,
      size: body.bytes.byteLength,
      chunkBytes: undefined,
    }
  }
  const block = frameBlock - body.back
  if (block < 1) throw entryDamaged(`its chunks would begin at block ${block}`)
  return { block, offset: 0, size: body.size, chunkBytes: body.chunkBytes }
}

/** How many blocks a place spans. */
export function blocksOf({ size, chunkBytes }: Place): number {
  return chunkBytes === undefined ? 1 : chunkCount(size, chunkBytes)
}

/** The blocks that a body lies in. */
export function rangeOf(place: Place): BlockRange {
  return { start: place.block, end: place.block + blocksOf(place) }
}

/** Codec of a place. `decode` throws `INDEX_ENTRY_DAMAGED` or `INDEX_ENTRY_UNKNOWN`. */
export const place: Codec<Place> = {
  preencode(state: State, { block, offset, size, chunkBytes }: Place): void {
    state.end++
    c.uint.preencode(state, block)
    if (chunkBytes === undefined) c.uint.preencode(state, offset)
    c.uint.preencode(state, size)
    if (chunkBytes !== undefined) c.uint.preencode(state, chunkBytes)
  },
  encode(state: State, { block, offset, size, chunkBytes }: Place): void {
    state.buffer[state.start++] = chunkBytes === undefined ? TAG_FRAME : TAG_CHUNKS
    c.uint.encode(state, block)
    if (chunkBytes === undefined) c.uint.encode(state, offset)
    c.uint.encode(state, size)
    if (chunkBytes !== undefined) c.uint.encode(state, chunkBytes)
  },
  decode(state: State): Place {
    if (state.start >= state.end) throw entryDamaged('it is empty')
    const tag = state.buffer[state.start++] as number
    if (tag !== TAG_FRAME && tag !== TAG_CHUNKS) throw entryUnknown(`its tag is ${tag}`)
    const block = decodeUint(state, 'block', entryDamaged, { min: 1 })
    if (tag === TAG_FRAME) {
      const offset = decodeUint(state, 'offset', entryDamaged, { min: 1 })
      const size = decodeUint(state, 'size', entryDamaged, { max: BODY_BYTES_MAX })
      return { block, offset, size, chunkBytes: undefined }
    }
    const size = decodeUint(state, 'size', entryDamaged, { min: 1, max: BODY_BYTES_MAX })
    const chunkBytes = decodeUint(state, 'chunk size', entryDamaged, {
      min: CHUNK_BYTES_MIN,
      max: CHUNK_BYTES_MAX,
    })
    return { block, offset: 0, size, chunkBytes }
  },
}

/** The error of an index entry that cannot be read. */
export function entryDamaged(why: string, cause?: unknown): Error {
  return unreadable('INDEX_ENTRY_DAMAGED', why, 'fetch the index again from another peer', cause)
}

/** The error of an index entry that a newer version wrote. */
export function entryUnknown(why: string): Error {
  return unreadable('INDEX_ENTRY_UNKNOWN', why, 'a newer version may read it')
}

function unreadable(code: StreamErrorCode, why: string, remedy: string, cause?: unknown): Error {
  const message = `an entry of the index cannot be read: ${why}; ${remedy}`
  return streamError(code, message, cause === undefined ? {} : { cause })
}
