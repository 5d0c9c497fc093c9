import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import {
  HASH_BYTES,
  messageBroken,
  readByte,
  readBytes,
  readText,
  readUint,
  writeBytes,
  writeText,
} from './wire-fields.ts'

/** Bytes of the largest offer. With the framing of the muxer it stays under 200 on the wire. */
export const OFFER_BYTES_MAX = 192
/** Longest type, in bytes: an interface's name. */
export const TYPE_BYTES_MAX = 64
/** Longest label that an offer carries, in bytes. */
export const LABEL_BYTES_MAX = 48
/** Bytes that tell the history of a log. */
export const HISTORY_BYTES = 8
const LABELS_MAX = 16
const LOGS_MAX = 5

const FLAG_LOGS_CUT = 0x1
const FLAG_LABELS_CUT = 0x2
const FLAG_BYTES = 0x4
const FLAG_HISTORIES = 0x8

/** One log of an offered stream. */
export interface OfferedLog {
  readonly discoveryKey: Uint8Array
  /** Blocks that the sender knows of. */
  readonly length: number
}

/** What one side says of a stream that it shows. */
export interface OfferRecord {
  /** Its logs, the indexer first; its discovery key is the stream's id. */
  readonly logs: readonly OfferedLog[]
  /** The stream has more logs than there was room for. */
  readonly logsCut: boolean
  readonly proof: Uint8Array
  /** Name of its interface, or `''`. */
  readonly type: string
  readonly labels: readonly string[]
  /** The stream has more labels than there was room for. */
  readonly labelsCut: boolean
  /** Bytes that the stream takes, where the sender says it. */
  readonly bytes: number | undefined
  /** Of each of these logs 8 bytes that tell its history, where the sender says them. */
  readonly histories?: readonly Uint8Array[] | undefined
}

/*
 * offer, message 2, at most 192 bytes.
 *
 *   size  field
 *   1     flags: 0x1 there are more logs than these, 0x2 there are more labels than these,
 *         0x4 a size follows, 0x8 histories follow; others belong to newer minor versions
 *   32    proof
 *   1     number of logs, 1..5, the indexer first, and for each
 *   32      its discovery key; the indexer's is the stream's id
 *   1..9    its length in blocks, uint
 *   1     length of the type, 0..64
 *   …     type, UTF-8
 *   1     number of labels, 0..16, and for each
 *   1       its length in bytes, 0..48
 *   …       label, UTF-8
 *   1..9  with flag 0x4: size of the stream in bytes, uint
 *   8·n   with flag 0x8: of each log what tells its history (stream-proof.ts)
 *   …     fields of newer minor versions, skipped
 */
export const offer: Codec<OfferRecord> = {
  preencode(state: State, value: OfferRecord): void {
    state.end += 1 + HASH_BYTES + 1
    for (const { length } of value.logs) {
      state.end += HASH_BYTES
      c.uint.preencode(state, length)
    }
    state.end += 2 + Buffer.byteLength(value.type)
    for (const label of value.labels) state.end += 1 + Buffer.byteLength(label)
    if (value.bytes !== undefined) c.uint.preencode(state, value.bytes)
    state.end += (value.histories?.length ?? 0) * HISTORY_BYTES
  },
  encode(state: State, value: OfferRecord): void {
    state.buffer[state.start++] =
      (value.logsCut ? FLAG_LOGS_CUT : 0) |
      (value.labelsCut ? FLAG_LABELS_CUT : 0) |
      (value.bytes === undefined ? 0 : FLAG_BYTES) |
      (value.histories === undefined ? 0 : FLAG_HISTORIES)
    writeBytes(state, value.proof)
    state.buffer[state.start++] = value.logs.length
    for (const { discoveryKey, length } of value.logs) {
      writeBytes(state, discoveryKey)
      c.uint.encode(state, length)
    }
    writeText(state, Buffer.from(value.type))
    state.buffer[state.start++] = value.labels.length
    for (const label of value.labels) writeText(state, Buffer.from(label))
    if (value.bytes !== undefined) c.uint.encode(state, value.bytes)
    for (const history of value.histories ?? []) writeBytes(state, history)
  },
  decode(state: State): OfferRecord {
    if (state.end - state.start > OFFER_BYTES_MAX) {
      throw messageBroken(
        'offer',
        `it has ${state.end - state.start} bytes, over ${OFFER_BYTES_MAX}`,
      )
    }
    const flags = readByte(state, 'offer', 'flags')
    const proof = readBytes(state, 'offer', 'proof')
    const logs = readList(state, 'number of logs', 1, LOGS_MAX, () => ({
      discoveryKey: readBytes(state, 'offer', 'discovery key'),
      length: readUint(state, 'offer', 'length'),
    }))
    const type = readText(state, 'offer', 'type', TYPE_BYTES_MAX)
    const labels = readList(state, 'number of labels', 0, LABELS_MAX, () =>
      readText(state, 'offer', 'label', LABEL_BYTES_MAX),
    )
    const bytes = (flags & FLAG_BYTES) === 0 ? undefined : readUint(state, 'offer', 'size')
    const said = (flags & FLAG_HISTORIES) !== 0
    const historyOf = () => readBytes(state, 'offer', 'history', HISTORY_BYTES)
    return {
      logs,
      logsCut: (flags & FLAG_LOGS_CUT) !== 0,
      proof,
      type,
      labels,
      labelsCut: (flags & FLAG_LABELS_CUT) !== 0,
      bytes,
      histories: said ? logs.map(historyOf) : undefined,
    }
  },
}

function readList<T>(state: State, what: string, min: number, max: number, read: () => T): T[] {
  const count = readByte(state, 'offer', what)
  if (count < min || count > max) {
    throw messageBroken('offer', `its ${what} is ${count}, not ${min} to ${max}`)
  }
  return Array.from({ length: count }, read)
}
