import type { FaultyLink } from '@datagram/fault-harness'
import { type Log, openStore } from '@datagram/log-core'
import { muxerOver, noiseStream } from '../holepunch.ts'
import type { OurLogs } from './our-logs.ts'

const ASK_AGAIN_MS = 20

/** The logs of a replica that is connected to their author. */
export interface OurReplicaLogs {
  readonly data: Log
  readonly index: Log
  /** Ends the connection and closes the store. */
  close(): Promise<void>
}

/** Connects a new replica in `folder` with an author's logs; resolves when it knows their lengths and no more. */
export async function connectReplicaLogs(
  { data, index, keys }: Omit<OurLogs, 'store'>,
  folder: string,
  { a, b }: FaultyLink,
): Promise<OurReplicaLogs> {
  const store = await openStore(folder)
  const own = {
    data: await store.openRemote(data.key, { cipherKey: keys.dataKey }),
    index: await store.openRemote(index.key, { cipherKey: keys.indexKey }),
  }
  const ends = [noiseStream(false, a), noiseStream(true, b)] as const
  const [there, here] = [muxerOver(ends[0]), muxerOver(ends[1])]
  for (const log of [data, index]) log.attach(there)
  for (const log of [own.data, own.index]) log.attach(here)
  await Promise.all([knownLength(own.data, data.length), knownLength(own.index, index.length)])
  const close = () => {
    for (const end of ends) end.destroy()
    return store.close()
  }
  return { ...own, close }
}

async function knownLength(log: Log, length: number): Promise<void> {
  while (log.length < length) {
    await log.update()
    if (log.length < length) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}
