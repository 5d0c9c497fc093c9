import type { WaitOptions } from '@datagram/log-core'
import {
  boundAuthor,
  defineInterface,
  type InterfaceStream,
  type WriterLogs,
} from '@datagram/stream'
import b4a from 'b4a'
import { containerError } from './container-errors.ts'
import { decodeStreamRecord, encodeStreamRecord, type StreamRecord } from './stream-record.ts'

/*
 * Keys of the meta database, in the container's own stream:
 *
 *   's' ‖ name of a stream, UTF-8  →  its record (stream-record.ts)
 *   'r'                            →  public key of the roster log, 32 bytes
 *   'a' ‖ public key of the index  →  who made the stream with this indexer log, as the stream's header proves it:
 *         log, 32 bytes               an author binding (stream/src/author-binding.ts); of the container's own stream it
 *                                     stands for all streams that were made here
 */
const STREAM_PREFIX = 0x73
const ROSTER_KEY = b4a.from('r')
const AUTHOR_PREFIX = b4a.from('a')
const RECORDS = { gte: b4a.from([STREAM_PREFIX]), lt: b4a.from([STREAM_PREFIX + 1]) }

/** Which streams a container has: names, keys, types, labels. */
export interface MetaDatabase {
  /** The record of a stream, or undefined. */
  get(name: string, options?: WaitOptions): Promise<StreamRecord | undefined>
  /** Records a new stream; `binding`: what proves its author. Throws `STREAM_NAME_TAKEN`. */
  add(name: string, record: StreamRecord, binding?: Uint8Array): Promise<void>
  /** Changes a record in one step. Throws `STREAM_NOT_FOUND`. */
  change(name: string, change: (record: StreamRecord) => StreamRecord): Promise<StreamRecord>
  /** Forgets a stream. Throws `STREAM_NOT_FOUND`. */
  remove(name: string): Promise<void>
  /** Every stream, by name. */
  list(options?: WaitOptions): AsyncIterable<readonly [name: string, record: StreamRecord]>
  /** The author of the stream with these logs, as far as that was recorded and is proven. */
  author(logs: WriterLogs, options?: WaitOptions): Promise<Uint8Array | undefined>
  /** Records what proves the author of the stream with this index log. */
  setAuthor(indexKey: Uint8Array, binding: Uint8Array): Promise<void>
  rosterKey(options?: WaitOptions): Promise<Uint8Array | undefined>
  setRosterKey(key: Uint8Array): Promise<void>
  /** Names whose records change from now on, as they do; on a replica as news arrives. */
  changes(signal: AbortSignal): AsyncIterable<string>
}

/** The interface of a container's own stream. */
export const metaInterface = defineInterface({
  name: 'container',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream): MetaDatabase => ({
    async get(name, options) {
      const value = await stream.index.get(recordKey(name), options)
      return value === undefined ? undefined : decodeStreamRecord(value)
    },
    add: (name, record, binding) =>
      stream.write(async (tx) => {
        if ((await tx.get(recordKey(name))) !== undefined) throw nameTaken(name)
        tx.put(recordKey(name), encodeStreamRecord(record))
        if (binding !== undefined) tx.put(authorKey(record.indexKey), binding)
      }),
    change: (name, change) =>
      stream.write(async (tx) => {
        const value = await tx.get(recordKey(name))
        if (value === undefined) throw streamNotFound(name)
        const changed = change(decodeStreamRecord(value))
        tx.put(recordKey(name), encodeStreamRecord(changed))
        return changed
      }),
    remove: (name) =>
      stream.write(async (tx) => {
        const value = await tx.get(recordKey(name))
        if (value === undefined) throw streamNotFound(name)
        tx.del(recordKey(name))
        tx.del(authorKey(decodeStreamRecord(value).indexKey))
      }),
    async *list(options) {
      for await (const [key, value] of stream.index.range({ ...RECORDS, ...options })) {
        yield [recordName(key), decodeStreamRecord(value)] as const
      }
    },
    async author(logs, options) {
      const binding = await stream.index.get(authorKey(logs.indexKey), options)
      return binding && boundAuthor(binding, logs)
    },
    setAuthor: (indexKey, binding) => stream.write((tx) => tx.put(authorKey(indexKey), binding)),
    rosterKey: (options) => stream.index.get(ROSTER_KEY, options),
    setRosterKey: (key) => stream.write((tx) => tx.put(ROSTER_KEY, key)),
    async *changes(signal) {
      for await (const { operations } of stream.changes({ signal })) {
        for (const operation of operations) {
          if (operation.type !== 'object' && operation.key[0] === STREAM_PREFIX) {
            yield recordName(operation.key)
          }
        }
      }
    },
  }),
})

/** The error of a name that no stream has. */
export function streamNotFound(name: string): Error {
  return containerError(
    'STREAM_NOT_FOUND',
    `there is no stream named ${JSON.stringify(name)} here; streams() lists those there are, and update() brings news`,
    { details: { name } },
  )
}

/** The error of a name that a stream has already. */
export function nameTaken(name: string): Error {
  return containerError(
    'STREAM_NAME_TAKEN',
    `a stream named ${JSON.stringify(name)} is there already; choose another name`,
    { details: { name } },
  )
}

function recordKey(name: string): Uint8Array {
  return b4a.concat([b4a.from([STREAM_PREFIX]), b4a.from(name)])
}

function authorKey(indexKey: Uint8Array): Uint8Array {
  return b4a.concat([AUTHOR_PREFIX, indexKey])
}

function recordName(key: Uint8Array): string {
  return b4a.toString(key.subarray(1))
}
