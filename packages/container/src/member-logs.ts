import type { Log, Store } from '@datagram/log-core'
import { streamKeys } from '@datagram/stream'
import b4a from 'b4a'
import type { StreamRecord } from './stream-record.ts'

/** The two logs of a stream. */
export interface StreamLogs {
  readonly index: Log
  readonly data: Log
}

/** The logs of a stream of our own, made on first open; their key pairs are derived from its id. */
export async function openOwnLogs(
  store: Store,
  { id, streamKey }: Pick<StreamRecord, 'id' | 'streamKey'>,
): Promise<StreamLogs> {
  const keys = streamKeys(streamKey)
  const prefix = `stream/${b4a.toString(id, 'hex')}`
  const index = await store.open(`${prefix}/index`, { cipherKey: keys.indexKey })
  return { index, data: await store.open(`${prefix}/data`, { cipherKey: keys.dataKey }) }
}

/** The logs of somebody's stream. */
export async function openRemoteLogs(
  store: Store,
  { indexKey, dataKey, streamKey }: Pick<StreamRecord, 'indexKey' | 'dataKey' | 'streamKey'>,
): Promise<StreamLogs> {
  const keys = streamKeys(streamKey)
  const index = await store.openRemote(indexKey, { cipherKey: keys.indexKey })
  return { index, data: await store.openRemote(dataKey, { cipherKey: keys.dataKey }) }
}

/** The roster of one stream of our own, made on first open. */
export async function openOwnRoster(store: Store, { id }: Pick<StreamRecord, 'id'>): Promise<Log> {
  return store.open(`stream/${b4a.toString(id, 'hex')}/roster`, { cipherKey: null })
}

/** Drops all blocks of a stream's logs, also those that are on their way: they are not fetched again while it is open. */
export async function forgetLogs({ index, data }: StreamLogs): Promise<void> {
  for (const log of [index, data]) await log.forget({ start: 0, end: Number.MAX_SAFE_INTEGER })
}

/** Drops all blocks of a stream's logs that are here. */
export async function evictLogs({ index, data }: StreamLogs): Promise<void> {
  for (const log of [index, data]) await log.evict({ start: 0, end: log.length })
}
