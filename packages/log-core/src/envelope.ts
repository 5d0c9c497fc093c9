import c from 'compact-encoding'
import type { Codec, State } from './codec.ts'
import { logError } from './log-errors.ts'
import type { Stamp } from './stamp.ts'

/*
 * The envelope around the payload of every block, version 1. All of it lies inside the encryption.
 *
 *   offset  size  field
 *   0       1     magic, 0xda
 *   1       1     high nibble: format version, 1
 *                 low nibble: flags; 0x1 the block ends its batch, 0x2 a writer follows the stamp
 *   2       1     kind: what the payload is (docs/FORMATS.md lists them); log-core does not read it
 *   3       6     stamp, milliseconds since 1970, big endian
 *   9       2     stamp, counter, big endian
 *   11      0..9  writer, compact-encoding uint; absent for writer 0
 *   …       …     payload, to the end of the block
 */
const MAGIC = 0xda
const VERSION = 1
const FLAG_BATCH_END = 0x1
const FLAG_WRITER = 0x2
const FIXED_BYTES = 11

/** What is to be appended: bytes, or bytes with a kind. */
export interface BlockInput {
  /** What the payload is, 0–255; default 0, plain bytes. */
  readonly kind?: number
  readonly payload: Uint8Array
  /** When it was made, for a copy of a block that has a stamp; default: now. */
  readonly stamp?: Stamp
}

/** One block as read: the payload and what its envelope says. */
export interface Block {
  readonly index: number
  readonly kind: number
  /** Number of the writer in the stream's header; 0 is the log's own author. */
  readonly writer: number
  readonly stamp: Stamp
  /** Last block of its batch. A batch is applied only when this block is there too. */
  readonly batchEnd: boolean
  readonly payload: Uint8Array
}

/** Envelope and payload of a block; the block's index is not part of it. */
export type Envelope = Omit<Block, 'index'>

/** Codec of the envelope. `decode` throws `BLOCK_FORMAT_UNKNOWN` or `BLOCK_DAMAGED`, nothing else. */
export const envelope: Codec<Envelope> = {
  preencode(state: State, block: Envelope): void {
    state.end += FIXED_BYTES + block.payload.byteLength
    if (block.writer !== 0) c.uint.preencode(state, block.writer)
  },
  encode(state: State, block: Envelope): void {
    const { buffer, start } = state
    buffer[start] = MAGIC
    const flags = (block.batchEnd ? FLAG_BATCH_END : 0) | (block.writer === 0 ? 0 : FLAG_WRITER)
    buffer[start + 1] = (VERSION << 4) | flags
    buffer[start + 2] = block.kind
    writeStamp(buffer, start + 3, block.stamp)
    state.start += FIXED_BYTES
    if (block.writer !== 0) c.uint.encode(state, block.writer)
    buffer.set(block.payload, state.start)
    state.start += block.payload.byteLength
  },
  decode(state: State): Envelope {
    const { buffer, start, end } = state
    if (end - start < FIXED_BYTES) throw damaged('it is shorter than an envelope')
    if (buffer[start] !== MAGIC) throw unknown('its first byte is not that of a Datagram block')
    const head = buffer[start + 1] as number
    if (head >> 4 !== VERSION) throw unknown(`its format version is ${head >> 4}`)
    const flags = head & 0xf
    if ((flags & ~(FLAG_BATCH_END | FLAG_WRITER)) !== 0) throw unknown(`its flags are ${flags}`)
    const kind = buffer[start + 2] as number
    const stamp = readStamp(buffer, start + 3)
    state.start += FIXED_BYTES
    const writer = (flags & FLAG_WRITER) === 0 ? 0 : decodeWriter(state)
    const payload = buffer.subarray(state.start, end)
    state.start = end
    return { kind, writer, stamp, batchEnd: (flags & FLAG_BATCH_END) !== 0, payload }
  },
}

/** Bytes that the envelope adds to a payload of writer 0. */
export const ENVELOPE_BYTES = FIXED_BYTES

function writeStamp(buffer: Uint8Array, offset: number, { ms, counter }: Stamp): void {
  const high = Math.floor(ms / 0x1_0000_0000)
  const low = ms >>> 0
  buffer[offset] = high >>> 8
  buffer[offset + 1] = high
  buffer[offset + 2] = low >>> 24
  buffer[offset + 3] = low >>> 16
  buffer[offset + 4] = low >>> 8
  buffer[offset + 5] = low
  buffer[offset + 6] = counter >>> 8
  buffer[offset + 7] = counter
}

function readStamp(buffer: Uint8Array, offset: number): Stamp {
  const byte = (i: number) => buffer[offset + i] as number
  const high = byte(0) * 0x100 + byte(1)
  const low = ((byte(2) << 24) | (byte(3) << 16) | (byte(4) << 8) | byte(5)) >>> 0
  return { ms: high * 0x1_0000_0000 + low, counter: byte(6) * 0x100 + byte(7) }
}

function decodeWriter(state: State): number {
  try {
    return c.uint.decode(state)
  } catch (cause) {
    throw damaged('its writer is cut short', cause)
  }
}

function damaged(why: string, cause?: unknown): Error {
  return logError(
    'BLOCK_DAMAGED',
    `the block cannot be read: ${why}; fetch it again from a peer`,
    cause === undefined ? {} : { cause },
  )
}

function unknown(why: string): Error {
  return logError(
    'BLOCK_FORMAT_UNKNOWN',
    `the block is in a format that this version does not know: ${why}; a newer version may read it`,
  )
}
