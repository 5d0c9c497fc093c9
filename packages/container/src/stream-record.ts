import { type Codec, decode, encode, type State } from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { containerError } from './container-errors.ts'
import { type FormerLogs, formerLogs } from './former-logs.ts'
import { LABELS_MAX } from './stream-description.ts'

/*
 * What the meta database keeps of a stream, version 1; all of it lies encrypted in the container's own
 * stream.
 *
 *   size     field
 *   1        format version, 1
 *   1        0 a stream of our own, 1 somebody else's that was attached
 *   16       id, random; the keys of an own stream are derived from it, zero for an attached one
 *   32       public key of the indexer log
 *   32       public key of the data log
 *   32       key of the stream: opens both logs
 *   1..9 + n type: name of its interface, string
 *   1..9 + n title, string
 *   1..9     count of labels, at most 64, and each as a string
 *   6        created, milliseconds since 1970, big endian
 *   1..9 + n extension, buffer: empty, or
 *            the logs that the stream had before it was keyed anew (former-logs.ts), and then, or nothing:
 *   32         public key of the stream's own roster
 *   …          what a newer version adds, skipped
 */
const VERSION = 1
const ID_BYTES = 16
const KEY_BYTES = 32

/** What a container knows of one of its streams. */
export interface StreamRecord {
  /** Whether it is somebody else's, attached by a link. */
  readonly attached: boolean
  readonly id: Uint8Array
  readonly indexKey: Uint8Array
  readonly dataKey: Uint8Array
  readonly streamKey: Uint8Array
  readonly type: string
  readonly title: string
  readonly labels: readonly string[]
  /** Milliseconds since 1970. */
  readonly createdMs: number
  /** The logs that it had before it was keyed anew, oldest first. */
  readonly former: readonly FormerLogs[]
  /** Public key of the stream's own roster; absent where it has none. */
  readonly rosterKey?: Uint8Array | undefined
}

/** What the extension of a record holds. */
type Extension = Pick<StreamRecord, 'former' | 'rosterKey'>

const extension: Codec<Extension> = {
  preencode(state, { former, rosterKey }) {
    if (rosterKey === undefined) return formerLogs.preencode(state, former)
    formerLogs.preencode(state, former)
    state.end += KEY_BYTES + (former.length === 0 ? 1 : 0)
  },
  encode(state, { former, rosterKey }) {
    formerLogs.encode(state, former)
    if (rosterKey === undefined) return
    if (former.length === 0) c.uint8.encode(state, 0)
    fixedKey.encode(state, rosterKey)
  },
  decode(state) {
    const former = formerLogs.decode(state)
    if (state.end - state.start < KEY_BYTES) return { former }
    return { former, rosterKey: b4a.from(fixedKey.decode(state)) }
  },
}

const fixedId = c.fixed(ID_BYTES)
const fixedKey = c.fixed(KEY_BYTES)
const strings = c.array(c.string)
const nothing = new Uint8Array(0)

const codec: Codec<StreamRecord> = {
  preencode(state, { type, title, labels, former, rosterKey }) {
    state.end += 2 + ID_BYTES + 3 * KEY_BYTES + 6
    c.string.preencode(state, type)
    c.string.preencode(state, title)
    strings.preencode(state, [...labels])
    c.buffer.preencode(state, encode(extension, { former, rosterKey }))
  },
  encode(state, record) {
    c.uint8.encode(state, VERSION)
    c.uint8.encode(state, record.attached ? 1 : 0)
    fixedId.encode(state, record.id)
    fixedKey.encode(state, record.indexKey)
    fixedKey.encode(state, record.dataKey)
    fixedKey.encode(state, record.streamKey)
    c.string.encode(state, record.type)
    c.string.encode(state, record.title)
    strings.encode(state, [...record.labels])
    const view = new DataView(state.buffer.buffer, state.buffer.byteOffset + state.start, 6)
    view.setUint16(0, Math.floor(record.createdMs / 0x1_0000_0000))
    view.setUint32(2, record.createdMs >>> 0)
    state.start += 6
    c.buffer.encode(state, encode(extension, record))
  },
  decode(state) {
    c.uint8.decode(state)
    const attached = c.uint8.decode(state) === 1
    const id = b4a.from(fixedId.decode(state))
    const indexKey = b4a.from(fixedKey.decode(state))
    const dataKey = b4a.from(fixedKey.decode(state))
    const streamKey = b4a.from(fixedKey.decode(state))
    const type = c.string.decode(state)
    const title = c.string.decode(state)
    const labels = decodeLabels(state)
    if (state.end - state.start < 6) throw new RangeError('it is cut short')
    const view = new DataView(state.buffer.buffer, state.buffer.byteOffset + state.start, 6)
    const createdMs = view.getUint16(0) * 0x1_0000_0000 + view.getUint32(2)
    state.start += 6
    const more = decode(extension, c.buffer.decode(state) ?? nothing)
    const keys = { indexKey, dataKey, streamKey }
    return { attached, id, ...keys, type, title, labels, createdMs, ...more }
  },
}

export function encodeStreamRecord(record: StreamRecord): Uint8Array {
  if (record.labels.length > LABELS_MAX) throw new TypeError('a record has too many labels')
  return encode(codec, record)
}

/** Reads a record. Throws `RECORD_DAMAGED` or `RECORD_VERSION_UNKNOWN`. */
export function decodeStreamRecord(bytes: Uint8Array): StreamRecord {
  if (bytes.byteLength > 0 && bytes[0] !== VERSION) {
    throw containerError(
      'RECORD_VERSION_UNKNOWN',
      `a stream is recorded in version ${bytes[0]}, this program knows ${VERSION}; use a newer one`,
    )
  }
  try {
    return decode(codec, bytes)
  } catch (cause) {
    throw containerError(
      'RECORD_DAMAGED',
      'the record of a stream cannot be read; update from a peer that has it whole',
      { cause },
    )
  }
}

function decodeLabels(state: State): string[] {
  const count = c.uint.decode(state)
  if (count > LABELS_MAX) throw new RangeError(`${count} labels are too many`)
  return Array.from({ length: count }, () => c.string.decode(state))
}
