import { type Store, untilLength, type WaitOptions } from '@datagram/log-core'
import { ownLogs, readHeader, streamKeys } from '@datagram/stream'
import b4a from 'b4a'
import type { OpenedLink } from './link.ts'
import type { Members } from './members.ts'
import type { ReplicableStream } from './replicable.ts'
import type { StreamRecord } from './stream-record.ts'

/**
 * Finds out what a stream is that a link names: its indexer log is announced, `reach` connects to
 * somebody who has it, and its header tells the rest. Gives the record to keep of it.
 */
export async function recordOfLinked(
  store: Store,
  members: Members,
  { key, streamKey }: OpenedLink,
  reach: (id: Uint8Array) => Promise<void>,
  wait: WaitOptions,
): Promise<StreamRecord> {
  const { indexKey } = streamKeys(streamKey)
  const index = await store.openRemote(key, { cipherKey: indexKey })
  const id = index.discoveryKey
  const provisional: ReplicableStream = { id, key, type: '', labels: [], logs: [index] }
  members.added.tell(provisional)
  try {
    await reach(id)
    await untilLength(index, 1, wait)
    const header = await readHeader(index, wait)
    const { dataKey } = ownLogs(header)
    const facts = { type: header.type, title: '', labels: [], createdMs: header.created.ms }
    return { attached: true, id: b4a.alloc(16), indexKey: key, dataKey, streamKey, ...facts }
  } catch (error) {
    members.removed.tell(id)
    throw error
  }
}
