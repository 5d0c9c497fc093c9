import {
  type Codec,
  decode,
  encode,
  type ReadableLog,
  type Stamp,
  type State,
  type WaitOptions,
} from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { decodeBytes, decodeUint, encodeSized, preencodeSized } from './bounded-codec.ts'
import { assertInterfaceName, INTERFACE_NAME_BYTES_MAX } from './interface-name.ts'
import { decodeStamp, encodeStamp, STAMP_BYTES } from './stamp-codec.ts'
import { type StreamErrorCode, streamError } from './stream-errors.ts'

/*
 * The header of a stream: block 0 of the data log and of the index log, kind 1. Version 1.
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       1     role of this log; 0 data, 1 index
 *   2       6     created, milliseconds since 1970, big endian
 *   8       2     created, counter, big endian
 *   10      1     uint, bytes of the interface's name, 1 to 64
 *   11      …     name of the interface, ASCII
 *   …       1..9  uint, version of the plugin contract
 *   …       1..9  uint, version of the data when the stream was made
 *   …       1..3  uint, number of the writer that this log belongs to
 *   …       1..3  uint, count of writers, 1 to 1024, and for each:
 *   …       32    public key of its data log
 *   …       32    public key of its index log
 *   …       1..3  uint, bytes of extension, at most 4096
 *   …       …     extension: fields by number (header-extension.ts)
 */
const VERSION = 1
const KEY_BYTES = 32
const WRITERS_MAX = 1024
const EXTENSION_BYTES_MAX = 4096
const ROLES = ['data', 'index'] as const

/** Block kind of headers. */
export const HEADER_KIND = 1

/** Which log of a stream this is. */
export type LogRole = (typeof ROLES)[number]

/** The log pair of one writer. */
export interface WriterLogs {
  /** Public key of the data log, 32 bytes. */
  readonly dataKey: Uint8Array
  /** Public key of the index log, 32 bytes. */
  readonly indexKey: Uint8Array
}

/** What ties a data log and an index log into a stream. Both begin with it. */
export interface StreamHeader {
  readonly role: LogRole
  readonly created: Stamp
  /** Name of the interface: the stream's type. */
  readonly type: string
  /** Version of the plugin contract that wrote it. */
  readonly contract: number
  /** Version of the data when the stream was made; a migration records a later one in the index. */
  readonly version: number
  /** Which of `writers` this log belongs to. */
  readonly writer: number
  readonly writers: readonly WriterLogs[]
  /** What later programs add; see header-extension.ts. */
  readonly extension: Uint8Array
}

/** Codec of the header. `decode` throws `HEADER_DAMAGED` or `HEADER_FORMAT_UNKNOWN`, nothing else. */
export const streamHeader: Codec<StreamHeader> = {
  preencode(state: State, header: StreamHeader): void {
    state.end += 2 + STAMP_BYTES
    preencodeSized(state, b4a.from(header.type))
    c.uint.preencode(state, header.contract)
    c.uint.preencode(state, header.version)
    c.uint.preencode(state, header.writer)
    c.uint.preencode(state, header.writers.length)
    state.end += header.writers.length * 2 * KEY_BYTES
    preencodeSized(state, header.extension)
  },
  encode(state: State, header: StreamHeader): void {
    state.buffer[state.start++] = VERSION
    state.buffer[state.start++] = ROLES.indexOf(header.role)
    encodeStamp(state, header.created)
    encodeSized(state, b4a.from(header.type))
    c.uint.encode(state, header.contract)
    c.uint.encode(state, header.version)
    c.uint.encode(state, header.writer)
    c.uint.encode(state, header.writers.length)
    for (const { dataKey, indexKey } of header.writers) {
      encodeKey(state, dataKey)
      encodeKey(state, indexKey)
    }
    encodeSized(state, header.extension)
  },
  decode(state: State): StreamHeader {
    const [version] = decodeBytes(state, 1, 'format version', damaged)
    if (version !== VERSION) throw unknown(`its format version is ${version}`)
    const [roleByte] = decodeBytes(state, 1, 'role', damaged)
    const role = ROLES[roleByte as number]
    if (role === undefined) throw unknown(`its role is ${roleByte}`)
    const created = decodeStamp(state, damaged)
    const type = decodeName(state)
    const contract = decodeUint(state, 'contract version', damaged, { min: 1 })
    const dataVersion = decodeUint(state, 'data version', damaged, { min: 1 })
    const writer = decodeUint(state, 'writer', damaged)
    const writers = decodeWriters(state)
    if (writer >= writers.length) throw damaged(`its writer ${writer} is not among its writers`)
    const extensionBytes = decodeUint(state, 'extension length', damaged, {
      max: EXTENSION_BYTES_MAX,
    })
    const extension = decodeBytes(state, extensionBytes, 'extension', damaged)
    return { role, created, type, contract, version: dataVersion, writer, writers, extension }
  },
}

/** The log pair that this header belongs to: from either log, the other is found. */
export function ownLogs(header: StreamHeader): WriterLogs {
  const logs = header.writers[header.writer]
  if (logs === undefined) throw new TypeError('a header lists the writer that it belongs to')
  return logs
}

/**
 * The header of a stream's data or index log: block 0, read from here or from a connected peer.
 *
 * Throws `HEADER_DAMAGED` (also when the log is no stream's), `HEADER_FORMAT_UNKNOWN`, and what
 * {@link ReadableLog.getBlock} throws.
 */
export async function readHeader(log: ReadableLog, options?: WaitOptions): Promise<StreamHeader> {
  const block = await log.getBlock(0, options)
  if (block.kind !== HEADER_KIND) throw damaged(`the first block is of kind ${block.kind}`)
  return decode(streamHeader, block.payload)
}

/** The payload of a header block. */
export function encodeHeader(header: StreamHeader): Uint8Array {
  return encode(streamHeader, header)
}

function decodeName(state: State): string {
  const size = decodeUint(state, 'name length', damaged, { min: 1, max: INTERFACE_NAME_BYTES_MAX })
  const name = b4a.toString(decodeBytes(state, size, 'name', damaged))
  try {
    assertInterfaceName(name)
  } catch (cause) {
    throw damaged('the name of its interface has characters that a name cannot have', cause)
  }
  return name
}

function decodeWriters(state: State): WriterLogs[] {
  const count = decodeUint(state, 'count of writers', damaged, { min: 1, max: WRITERS_MAX })
  const writers: WriterLogs[] = []
  for (let i = 0; i < count; i++) {
    const dataKey = decodeBytes(state, KEY_BYTES, 'data key', damaged)
    writers.push({ dataKey, indexKey: decodeBytes(state, KEY_BYTES, 'index key', damaged) })
  }
  return writers
}

function encodeKey(state: State, key: Uint8Array): void {
  if (key.byteLength !== KEY_BYTES) throw new TypeError(`a log's public key has ${KEY_BYTES} bytes`)
  state.buffer.set(key, state.start)
  state.start += KEY_BYTES
}

function damaged(why: string, cause?: unknown): Error {
  return unreadable('HEADER_DAMAGED', why, 'check that the link or key is that of a stream', cause)
}

function unknown(why: string): Error {
  return unreadable('HEADER_FORMAT_UNKNOWN', why, 'a newer version may read it')
}

function unreadable(code: StreamErrorCode, why: string, remedy: string, cause?: unknown): Error {
  const message = `the header of the stream cannot be read: ${why}; ${remedy}`
  return streamError(code, message, cause === undefined ? {} : { cause })
}
