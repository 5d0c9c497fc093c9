import type { WaitOptions } from '@datagram/log-core'
import { defineInterface, type InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import { containerError } from './container-errors.ts'
import { decodeStreamRecord, encodeStreamRecord, type StreamRecord } from './stream-record.ts'

/*
 * Keys of the meta database, in the container's own stream:
 *
 *   's' ‖ name of a stream, UTF-8  →  its record (stream-record.ts)
 *   'r'                            →  public key of the roster log, 32 bytes
 */
const STREAM_PREFIX = 0x73
const ROSTER_KEY = b4a.from('r')
const RECORDS = { gte: b4a.from([STREAM_PREFIX]), lt: b4a.from([STREAM_PREFIX + 1]) }

/** Which streams a container has: names, keys, types, labels. */
export interface MetaDatabase {
  /** The record of a stream, or undefined. */
  get(name: string, options?: WaitOptions): Promise<StreamRecord | undefined>
  /** Records a new stream. Throws `STREAM_NAME_TAKEN`. */
  add(name: string, record: StreamRecord): Promise<void>
  /** Changes a record in one step. Throws `STREAM_NOT_FOUND`. */
  change(name: string, change: (record: StreamRecord) => StreamRecord): Promise<StreamRecord>
  /** Forgets a stream. Throws `STREAM_NOT_FOUND`. */
  remove(name: string): Promise<void>
  /** Every stream, by name. */
  list(options?: WaitOptions): AsyncIterable<readonly [name: string, record: StreamRecord]>
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
    add: (name, record) =>
      stream.write(async (tx) => {
        if ((await tx.get(recordKey(name))) !== undefined) throw nameTaken(name)
        tx.put(recordKey(name), encodeStreamRecord(record))
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
        if ((await tx.get(recordKey(name))) === undefined) throw streamNotFound(name)
        tx.del(recordKey(name))
      }),
    async *list(options) {
      for await (const [key, value] of stream.index.range({ ...RECORDS, ...options })) {
        yield [recordName(key), decodeStreamRecord(value)] as const
      }
    },
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

function recordName(key: Uint8Array): string {
  return b4a.toString(key.subarray(1))
}
