import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'
import { BODY_BYTES_MAX, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, KEY_BYTES_MAX } from './limits.ts'
import {
  decodeForgetting,
  encodeForgetting,
  type Forgetting,
  preencodeForgetting,
} from './forgetting-operation.ts'
import { type StreamErrorCode, streamError } from './stream-errors.ts'

/*
 * One operation of a frame.
 *
 *   offset  size  field
 *   0       1     bits 0–2: type; 0 put, 1 del, 2 put in chunks, 3 object, 4 object in chunks,
 *                 5 forgetting (see forgetting-operation.ts) or revision, 6 gap, 7 lost object
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
 *   revision (a later version of an object):
 *   …       1     7; 8 in chunks
 *   …       1..9  uint, number of the object
 *   …       …     as an object, or an object in chunks
 *   gap, where a put or del, or what forgot one, was forgotten:
 *   …       1..5  uint, count, and so many zeros
 *   lost object, where the body of an object was forgotten:
 *   …       …     as an object, the body all zeros
 *
 * Every uint is compact-encoding's: 1 byte up to 252, else 0xfd + 2, 0xfe + 4 or 0xff + 8 bytes,
 * little endian.
 */
const TYPE_PUT = 0
const TYPE_DEL = 1
const TYPE_PUT_CHUNKED = 2
const TYPE_OBJECT = 3
const TYPE_OBJECT_CHUNKED = 4
const TYPE_FORGETTING = 5
const TYPE_GAP = 6
const TYPE_LOST = 7
const REVISION = 7
const REVISION_CHUNKED = 8
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
  | {
      readonly type: 'revision'
      readonly n: number
      readonly descriptor: number
      readonly body: FrameBody
    }
  | Forgetting
  | { readonly type: 'gap'; readonly bytes: number }
  | { readonly type: 'lost'; readonly descriptor: number; readonly size: number }
)

/** The body that an operation brings; undefined when it brings none. */
export function bodyOf(operation: FrameOperation): FrameBody | undefined {
  return 'body' in operation ? operation.body : undefined
}

/** Whether an operation takes the next number of the stream's objects. */
export function isNumbered({ type }: Pick<FrameOperation, 'type'>): boolean {
  return type === 'object' || type === 'lost'
}

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
    preencodeRest(state, operation)
  },
  encode(state: State, operation: FrameOperation): void {
    const { space, last } = operation
    const nibble = Math.min(space, SPACE_FOLLOWS)
    state.buffer[state.start++] = typeOf(operation) | (last ? LAST_BIT : 0) | (nibble << 4)
    if (nibble === SPACE_FOLLOWS) c.uint.encode(state, space)
    encodeRest(state, operation)
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
      case TYPE_FORGETTING: {
        const what = state.start < state.end ? state.buffer[state.start] : undefined
        if (what === REVISION || what === REVISION_CHUNKED) {
          return { type: 'revision', space, last, ...decodeRevision(state) }
        }
        return { space, last, ...decodeForgetting(state, frameDamaged, frameUnknown) }
      }
      case TYPE_GAP: {
        const bytes = decodeUint(state, 'gap', frameDamaged, { max: BODY_BYTES_MAX })
        decodeBytes(state, bytes, 'gap', frameDamaged)
        return { type: 'gap', space, last, bytes }
      }
      default: {
        const descriptor = decodeDescriptor(state)
        return { type: 'lost', space, last, descriptor, size: decodeInline(state).bytes.byteLength }
      }
    }
  },
}

function preencodeRest(state: State, operation: FrameOperation): void {
  switch (operation.type) {
    case 'gap':
      c.uint.preencode(state, operation.bytes)
      state.end += operation.bytes
      return
    case 'lost':
      c.uint.preencode(state, operation.descriptor)
      c.uint.preencode(state, operation.size)
      state.end += operation.size
      return
    case 'del':
      return preencodeSized(state, operation.key)
    case 'put':
      preencodeSized(state, operation.key)
      return preencodeBody(state, operation.body)
    case 'revision':
      state.end++
      c.uint.preencode(state, operation.n)
      c.uint.preencode(state, operation.descriptor)
      return preencodeBody(state, operation.body)
    case 'object':
      c.uint.preencode(state, operation.descriptor)
      return preencodeBody(state, operation.body)
    default:
      return preencodeForgetting(state, operation)
  }
}

function encodeRest(state: State, operation: FrameOperation): void {
  switch (operation.type) {
    case 'gap':
      c.uint.encode(state, operation.bytes)
      return encodeZeros(state, operation.bytes)
    case 'lost':
      c.uint.encode(state, operation.descriptor)
      c.uint.encode(state, operation.size)
      return encodeZeros(state, operation.size)
    case 'del':
      return encodeSized(state, operation.key)
    case 'put':
      encodeSized(state, operation.key)
      return encodeBody(state, operation.body)
    case 'revision':
      state.buffer[state.start++] = isChunked(operation.body) ? REVISION_CHUNKED : REVISION
      c.uint.encode(state, operation.n)
      c.uint.encode(state, operation.descriptor)
      return encodeBody(state, operation.body)
    case 'object':
      c.uint.encode(state, operation.descriptor)
      return encodeBody(state, operation.body)
    default:
      return encodeForgetting(state, operation)
  }
}

function preencodeBody(state: State, body: FrameBody): void {
  if (!isChunked(body)) return preencodeSized(state, body.bytes)
  c.uint.preencode(state, body.size)
  c.uint.preencode(state, body.back)
  c.uint.preencode(state, body.chunkBytes)
}

function encodeBody(state: State, body: FrameBody): void {
  if (!isChunked(body)) return encodeSized(state, body.bytes)
  c.uint.encode(state, body.size)
  c.uint.encode(state, body.back)
  c.uint.encode(state, body.chunkBytes)
}

function encodeZeros(state: State, count: number): void {
  state.buffer.fill(0, state.start, state.start + count)
  state.start += count
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
  switch (operation.type) {
    case 'del':
      return TYPE_DEL
    case 'put':
      return isChunked(operation.body) ? TYPE_PUT_CHUNKED : TYPE_PUT
    case 'object':
      return isChunked(operation.body) ? TYPE_OBJECT_CHUNKED : TYPE_OBJECT
    case 'gap':
      return TYPE_GAP
    case 'lost':
      return TYPE_LOST
    default:
      return TYPE_FORGETTING
  }
}

function decodeRevision(state: State) {
  const isInChunks = state.buffer[state.start++] === REVISION_CHUNKED
  const n = decodeUint(state, 'number of an object', frameDamaged)
  const descriptor = decodeDescriptor(state)
  return { n, descriptor, body: isInChunks ? decodeChunked(state) : decodeInline(state) }
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
