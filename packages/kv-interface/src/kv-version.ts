import type { Moment } from '@datagram/stream'
import b4a from 'b4a'
import c from 'compact-encoding'
import { kvError } from './kv-errors.ts'

/*
 * A version of a map, as text: base64url, without padding, of
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     uint, count of writers; version 1 writes one
 *   and for each:
 *   …       1..9  uint, number of the writer
 *   …       1..9  uint, a length of its data log
 *   …       1..9  uint, how many transactions of the append that comes next are in it as well
 */
const FORMAT = 1
const WRITER = 0
// A head, a count and three uints: 29 bytes.
const CHARACTERS_MAX = 39

/** The version of a moment. */
export function encodeVersion({ position, transactions }: Moment): string {
  const fields = [1, WRITER, position, transactions]
  const state = c.state(0, 1)
  for (const field of fields) c.uint.preencode(state, field)
  const bytes = new Uint8Array(state.end)
  bytes[0] = FORMAT
  const written = { start: 1, end: bytes.byteLength, buffer: bytes }
  for (const field of fields) c.uint.encode(written, field)
  return Buffer.from(bytes).toString('base64url')
}

/** The moment of a version. Throws `VERSION_UNREADABLE`, or a TypeError for what is no string. */
export function decodeVersion(version: unknown): Moment {
  if (typeof version !== 'string')
    throw new TypeError('a version is a string, as version() gives it')
  const bytes = version.length > CHARACTERS_MAX ? b4a.alloc(0) : Buffer.from(version, 'base64url')
  if (bytes[0] !== FORMAT) throw unreadable()
  const [writers, writer, position, transactions] = uints(bytes, 4)
  const moment = { position: position as number, transactions: transactions as number }
  // One way to write each, so that equal versions are equal strings.
  if (writers !== 1 || writer !== WRITER || encodeVersion(moment) !== version) throw unreadable()
  return moment
}

function uints(bytes: Uint8Array, count: number): number[] {
  const state = { start: 1, end: bytes.byteLength, buffer: bytes }
  try {
    const all = Array.from({ length: count }, () => c.uint.decode(state))
    if (all.every((field) => Number.isSafeInteger(field))) return all
  } catch (cause) {
    throw unreadable(cause)
  }
  throw unreadable()
}

function unreadable(cause?: unknown): Error {
  return kvError(
    'VERSION_UNREADABLE',
    'this is no version of a map, or of a newer format; give one as version() gave it',
    cause === undefined ? {} : { cause },
  )
}
