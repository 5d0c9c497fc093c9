import { type Codec, decode, encode, type State } from '@datagram/log-core'
import { multiplexerError } from './multiplexer-errors.ts'

/*
 * A mark in a moderation stream: an entry of its index, version 1.
 *
 *   key:    1       0 a stream, 1 an author
 *           32      id of the stream; key of the author, or id of the author's datagram
 *           1..64   label, UTF-8
 *   value:  1       format version, 1
 *           6       marked at, milliseconds since 1970, big endian
 *           0..1024 reason, UTF-8, to the end
 */
const VERSION = 1
const SUBJECTS = ['stream', 'author'] as const
const ID_BYTES = 32
const LABEL_BYTES_MAX = 64
const REASON_BYTES_MAX = 1024
const TIME_BYTES = 6

/** What a mark is about. */
export type MarkedKind = (typeof SUBJECTS)[number]

/** What somebody says of a stream, or of all that an author writes. */
export interface Mark {
  readonly kind: MarkedKind
  /** Id of the stream; key of the author, or id of the author's datagram. 32 bytes. */
  readonly id: Uint8Array
  /** What it is called: `spam`. At most 64 bytes. */
  readonly label: string
  /** Why, for people; at most 1,024 bytes. */
  readonly reason: string
  /** When it was marked, milliseconds since 1970. */
  readonly markedMs: number
}

/** The key of a mark's entry. Throws a TypeError for what cannot be marked. */
export function markKey({ kind, id, label }: Pick<Mark, 'kind' | 'id' | 'label'>): Uint8Array {
  if (!(id instanceof Uint8Array) || id.byteLength !== ID_BYTES) {
    throw new TypeError('what is marked is named by 32 bytes')
  }
  const name = textOf('label', label, 1, LABEL_BYTES_MAX)
  return Buffer.concat([Uint8Array.of(SUBJECTS.indexOf(kind)), id, name])
}

/** The value of a mark's entry. Throws a TypeError for a reason that is none. */
export function markValue({ reason, markedMs }: Pick<Mark, 'reason' | 'markedMs'>): Uint8Array {
  textOf('reason', reason, 0, REASON_BYTES_MAX)
  return encode(valueCodec, { reason, markedMs })
}

/** A mark out of its entry. Throws `MARK_DAMAGED`. */
export function decodeMark(key: Uint8Array, value: Uint8Array): Mark {
  const kind = SUBJECTS[key[0] ?? SUBJECTS.length]
  const labelBytes = key.byteLength - 1 - ID_BYTES
  if (kind === undefined || labelBytes < 1 || labelBytes > LABEL_BYTES_MAX) throw damaged()
  const id = new Uint8Array(key.subarray(1, 1 + ID_BYTES))
  try {
    const label = utf8.decode(key.subarray(1 + ID_BYTES))
    return { kind, id, label, ...decode(valueCodec, value) }
  } catch (cause) {
    throw damaged(cause)
  }
}

const valueCodec: Codec<Pick<Mark, 'reason' | 'markedMs'>> = {
  preencode(state: State, { reason }): void {
    state.end += 1 + TIME_BYTES + Buffer.byteLength(reason)
  },
  encode(state: State, { reason, markedMs }): void {
    const bytes = Buffer.from(state.buffer.buffer, state.buffer.byteOffset, state.buffer.byteLength)
    bytes[state.start] = VERSION
    bytes.writeUIntBE(markedMs, state.start + 1, TIME_BYTES)
    state.start += 1 + TIME_BYTES
    state.start += bytes.write(reason, state.start)
  },
  decode(state: State) {
    const bytes = Buffer.from(state.buffer.subarray(state.start, state.end))
    const isWhole = bytes.byteLength >= 1 + TIME_BYTES && bytes[0] === VERSION
    if (!isWhole || bytes.byteLength > 1 + TIME_BYTES + REASON_BYTES_MAX)
      throw new RangeError('size')
    state.start = state.end
    const reason = utf8.decode(bytes.subarray(1 + TIME_BYTES))
    return { reason, markedMs: bytes.readUIntBE(1, TIME_BYTES) }
  },
}

function textOf(what: string, text: string, bytesMin: number, bytesMax: number): Uint8Array {
  if (typeof text !== 'string') throw new TypeError(`the ${what} of a mark is a string`)
  const bytes = Buffer.from(text)
  if (bytes.byteLength >= bytesMin && bytes.byteLength <= bytesMax) return bytes
  throw new TypeError(`the ${what} of a mark has ${bytesMin} to ${bytesMax} bytes`)
}

function damaged(cause?: unknown): Error {
  return multiplexerError(
    'MARK_DAMAGED',
    'an entry of a moderation stream cannot be read; use a newer program, or another list',
    cause === undefined ? {} : { cause },
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
