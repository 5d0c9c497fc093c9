import {
  type Codec,
  decode,
  encode,
  type Log,
  reachableEnd,
  type ReadableLog,
  type WaitOptions,
} from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { containerError } from './container-errors.ts'

/*
 * The roster: a plain, signed log beside the container, so that a host that cannot read the meta
 * database knows which logs belong to it. Each entry is one block of kind 32, version 1:
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     type; 1 stream, 2 drop record (see drop-record.ts), 3 a stream leaves
 *   stream:
 *   2       32    public key of its indexer log
 *   34      32    public key of its data log
 *   a stream leaves:
 *   2       32    public key of its indexer log
 *
 * The first entry is the container's own stream. An entry of an unknown type is passed over. A stream
 * that has left may come again.
 */
const VERSION = 1
const TYPE_STREAM = 1
const TYPE_LEAVES = 3
const KEY_BYTES = 32

/** Block kind of roster entries. */
export const ROSTER_KIND = 32

/** The logs of one stream, as the roster names them. */
export interface RosterEntry {
  readonly indexKey: Uint8Array
  readonly dataKey: Uint8Array
}

const fixedKey = c.fixed(KEY_BYTES)

const codec: Codec<RosterEntry> = {
  preencode(state) {
    state.end += 2 + 2 * KEY_BYTES
  },
  encode(state, { indexKey, dataKey }) {
    c.uint8.encode(state, VERSION)
    c.uint8.encode(state, TYPE_STREAM)
    fixedKey.encode(state, indexKey)
    fixedKey.encode(state, dataKey)
  },
  decode(state) {
    state.start += 2
    const indexKey = b4a.from(fixedKey.decode(state))
    return { indexKey, dataKey: b4a.from(fixedKey.decode(state)) }
  },
}

/** Says in the roster that streams have left, in one step. */
export async function appendLeaving(log: Log, ...indexKeys: readonly Uint8Array[]): Promise<void> {
  await log.append(indexKeys.map((key) => ({ kind: ROSTER_KIND, payload: encodeLeaving(key) })))
}

/** The payload of an entry that says that a stream has left. */
export function encodeLeaving(indexKey: Uint8Array): Uint8Array {
  return b4a.concat([b4a.from([VERSION, TYPE_LEAVES]), indexKey])
}

/** Public key of the indexer log of a stream that has left; undefined where the entry says something else. Throws `RECORD_DAMAGED`. */
export function decodeLeaving(payload: Uint8Array): Uint8Array | undefined {
  if (payload[0] !== VERSION || payload[1] !== TYPE_LEAVES) return undefined
  if (payload.byteLength < 2 + KEY_BYTES) {
    throw containerError('RECORD_DAMAGED', 'an entry of the roster is cut short')
  }
  return b4a.from(payload.subarray(2, 2 + KEY_BYTES))
}

/** Adds a stream to the roster. */
export async function appendToRoster(log: Log, entry: RosterEntry): Promise<void> {
  await log.append({ kind: ROSTER_KIND, payload: encodeRosterEntry(entry) })
}

/** The payload of a roster entry; undefined where its type is not known here. Throws `RECORD_DAMAGED`. */
export function decodeRosterEntry(payload: Uint8Array): RosterEntry | undefined {
  if (payload[0] !== VERSION || payload[1] !== TYPE_STREAM) return undefined
  try {
    return decode(codec, payload)
  } catch (cause) {
    throw containerError('RECORD_DAMAGED', 'an entry of the roster cannot be read', { cause })
  }
}

/** The payload of an entry, for vectors and tests. */
export function encodeRosterEntry(entry: RosterEntry): Uint8Array {
  return encode(codec, entry)
}

/** Every stream that the roster names and that has not left, in the order in which they were added. */
export async function readRoster(log: ReadableLog): Promise<RosterEntry[]> {
  const entries = new Map<string, RosterEntry>()
  for await (const { payload } of log.range()) {
    const entry = decodeRosterEntry(payload)
    if (entry !== undefined) entries.set(b4a.toString(entry.indexKey, 'hex'), entry)
    const left = decodeLeaving(payload)
    if (left !== undefined) entries.delete(b4a.toString(left, 'hex'))
  }
  return [...entries.values()]
}

/** Brings somebody's roster here, as far as peers have it: who hosts by it asks whoever is connected. */
export async function fetchRoster(roster: ReadableLog, wait: WaitOptions): Promise<void> {
  await roster.update(wait)
  const end = await reachableEnd(roster, 0, wait)
  await roster.download({ ...wait, ranges: [{ start: 0, end }] })
}
