import { type Log, openStore, type Store } from '@datagram/log-core'
import { type StreamKeys, streamKeys } from '@datagram/stream'

/** The two logs of a stream of ours, in a store of its own, as those who open a stream alone have them. */
export interface OurLogs {
  readonly store: Store
  readonly keys: StreamKeys
  readonly data: Log
  readonly index: Log
}

export async function openOurLogs(folder: string): Promise<OurLogs> {
  const store = await openStore(folder)
  const keys = streamKeys(store.derive('datagram/bench'))
  const [data, index] = await Promise.all([
    store.open('data', { cipherKey: keys.dataKey }),
    store.open('index', { cipherKey: keys.indexKey }),
  ])
  return { store, keys, data, index }
}
