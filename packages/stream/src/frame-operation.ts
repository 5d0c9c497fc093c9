import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'
import { BODY_BYTES_MAX, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, KEY_BYTES_MAX } from './limits.ts'
import { type StreamErrorCode, streamError } from './stream-errors.ts'

/*
 * One operation of a frame.
 *
 *   offset  size  field
 *   0       1     bits 0–2: type; 0 put, 1 del, 2 put in chunks, 3 object, 4 object in chunks
 *                 bit 3: the last operation of its transaction
 *                 bits 4–7: key space 0–14; 15: the key space follows as a uint
 *   1       0..3  uint, key space
 *   put, put in chunks, del:
 *   …       1..3  uint, bytes of the key, at most 4096
 *   …       …     key
 *   object, object in chunks:
 *   …       1..5  uint, number of the descriptor in this stream; 0 plain bytes
 *   put, object:
 *   …       1..5  uint, bytes of the value or body
 *   …       …     value or body
 *   put in chunks, object in chunks:
 *   …       1..5  uint, bytes of the value or body, 1 to 128 MiB
 *   …       1..9  uint, how many blocks before this frame's block its first chunk is
 *   …       1..9  uint, bytes of each chunk but the last, 1 KiB to 8 MiB
 *
 * Every uint is compact-encoding's: 1 byte up to 252, else 0xfd + 2, 0xfe + 4 or 0xff + 8 bytes,
 * little endian.
 */
const TYPE_PUT = 0
const TYPE_DEL = 1
const TYPE_PUT_CHUNKED = 2
const TYPE_OBJECT = 3
const TYPE_OBJECT_CHUNKED = 4
const TYPE_MASK = 0x7
const LAST_BIT = 0x8
const SPACE_FOLLOWS = 15

/** Largest number of a key space; each is one byte before every index key. */
export const SPACE_MAX = 255
/** Largest number of a descriptor in a stream. */
export const DESCRIPTOR_MAX = 0xffff_ffff

/** A value or body inside its frame. */
export interface InlineBody {
  readonly bytes: Uint8Array
  /** Where it begins in the frame's payload. Encoding does not read it: it follows from the layout. */
  readonly offset: number
}

/** A value or body in chunk blocks that were appended before its frame. */
export interface ChunkedBody {
  readonly size: number
  /** Blocks from the first chunk to the frame. */
  readonly back: number
  readonly chunkBytes: number
}

export type FrameBody = InlineBody | ChunkedBody

/** What one operation of a frame says. `last`: it ends its transaction. */
export type FrameOperation = { readonly space: number; readonly last: boolean } & (
  | { readonly type: 'put'; readonly key: Uint8Array; readonly body: FrameBody }
  | { readonly type: 'del'; readonly key: Uint8Array }
  | { readonly type: 'object'; readonly descriptor: number; readonly body: FrameBody }
)

/** Whether a body lies in chunk blocks. */
export function isChunked(body: FrameBody): body is ChunkedBody {
  return 'back' in body
}

/** How many chunks a body of `size` bytes has. */
export function chunkCount(size: number, chunkBytes: number): number {
  return Math.ceil(size / chunkBytes)
}

/** Codec of one operation. `decode` throws `FRAME_DAMAGED` or `FRAME_FORMAT_UNKNOWN`. */
export const frameOperation: Codec<FrameOperation> = {
  preencode(state: State, operation: FrameOperation): void {
    state.end++
    if (operation.space >= SPACE_FOLLOWS) c.uint.preencode(state, operation.space)
    if (operation.type === 'object') c.uint.preencode(state, operation.descriptor)
    else preencodeSized(state, operation.key)
    if (operation.type === 'del') return
    const { body } = operation
    if (!isChunked(body)) return preencodeSized(state, body.bytes)
    c.uint.preencode(state, body.size)
    c.uint.preencode(state, body.back)
    c.uint.preencode(state, body.chunkBytes)
  },
  encode(state: State, operation: FrameOperation): void {
    const { space, last } = operation
    const nibble = Math.min(space, SPACE_FOLLOWS)
    state.buffer[state.start++] = typeOf(operation) | (last ? LAST_BIT : 0) | (nibble << 4)
    if (nibble === SPACE_FOLLOWS) c.uint.encode(state, space)
    if (operation.type === 'object') c.uint.encode(state, operation.descriptor)
    else encodeSized(state, operation.key)
    if (operation.type === 'del') return
    const { body } = operation
    if (!isChunked(body)) return encodeSized(state, body.bytes)
    c.uint.encode(state, body.size)
    c.uint.encode(state, body.back)
    c.uint.encode(state, body.chunkBytes)
  },
  decode(state: State): FrameOperation {
    if (state.start >= state.end) throw frameDamaged('an operation is missing')
    const head = state.buffer[state.start++] as number
    const type = head & TYPE_MASK
    const last = (head & LAST_BIT) !== 0
    const nibble = head >> 4
    const space =
      nibble === SPACE_FOLLOWS
        ? decodeUint(state, 'key space', frameDamaged, { min: SPACE_FOLLOWS, max: SPACE_MAX })
        : nibble
    switch (type) {
      case TYPE_PUT:
        return { type: 'put', space, last, key: decodeKey(state), body: decodeInline(state) }
      case TYPE_DEL:
        return { type: 'del', space, last, key: decodeKey(state) }
      case TYPE_PUT_CHUNKED:
        return { type: 'put', space, last, key: decodeKey(state), body: decodeChunked(state) }
      case TYPE_OBJECT: {
        const descriptor = decodeDescriptor(state)
        return { type: 'object', space, last, descriptor, body: decodeInline(state) }
      }
      case TYPE_OBJECT_CHUNKED: {
        const descriptor = decodeDescriptor(state)
        return { type: 'object', space, last, descriptor, body: decodeChunked(state) }
      }
      default:
        throw frameUnknown(`it has an operation of type ${type}`)
    }
  },
}

/** The error of a frame that cannot be read. */
export function frameDamaged(why: string, cause?: unknown): Error {
  return unreadable('FRAME_DAMAGED', why, 'fetch its block again from another peer', cause)
}

/** The error of a frame that a newer version wrote. */
export function frameUnknown(why: string): Error {
  return unreadable('FRAME_FORMAT_UNKNOWN', why, 'a newer version may read it')
}

function typeOf(operation: FrameOperation): number {
  if (operation.type === 'del') return TYPE_DEL
  const chunked = isChunked(operation.body)
  if (operation.type === 'put') return chunked ? TYPE_PUT_CHUNKED : TYPE_PUT
  return chunked ? TYPE_OBJECT_CHUNKED : TYPE_OBJECT
}

function decodeKey(state: State): Uint8Array {
  const size = decodeUint(state, 'key length', frameDamaged, { max: KEY_BYTES_MAX })
  return decodeBytes(state, size, 'key', frameDamaged)
}

function decodeDescriptor(state: State): number {
  return decodeUint(state, 'descriptor', frameDamaged, { max: DESCRIPTOR_MAX })
}

function decodeInline(state: State): InlineBody {
  const size = decodeUint(state, 'body length', frameDamaged, { max: BODY_BYTES_MAX })
  const offset = state.start
  return { bytes: decodeBytes(state, size, 'body', frameDamaged), offset }
}

function decodeChunked(state: State): ChunkedBody {
  const size = decodeUint(state, 'body length', frameDamaged, { min: 1, max: BODY_BYTES_MAX })
  const back = decodeUint(state, 'distance to its chunks', frameDamaged, { min: 1 })
  const chunkBytes = decodeUint(state, 'chunk size', frameDamaged, {
    min: CHUNK_BYTES_MIN,
    max: CHUNK_BYTES_MAX,
  })
  if (chunkCount(size, chunkBytes) > back) throw frameDamaged('its chunks reach beyond the frame')
  return { size, back, chunkBytes }
}

function unreadable(code: StreamErrorCode, why: string, remedy: string, cause?: unknown): Error {
  const message = `a frame of the data log cannot be read: ${why}; ${remedy}`
  return streamError(code, message, cause === undefined ? {} : { cause })
}
