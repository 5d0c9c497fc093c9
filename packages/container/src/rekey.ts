import { randomBytes } from '@datagram/log-core'
import { copyStream } from '@datagram/stream'
import { containerError } from './container-errors.ts'
import type { ContainerParts } from './container-parts.ts'
import { FORMER_MAX } from './former-logs.ts'
import { letGo } from './let-go.ts'
import { openOwnLogs } from './member-logs.ts'
import { streamNotFound } from './meta-database.ts'
import { notReady } from './root.ts'
import { appendToRoster } from './roster.ts'
import type { StreamRecord } from './stream-record.ts'

/**
 * Copies a stream of our own into new logs under a new key, and records them in place of the old ones; a crash
 * before that leaves two logs that nothing names. Gives the new record. Throws `STREAM_NOT_FOUND`, `STREAM_NOT_OWN`.
 */
export async function rekeyStream(parts: ContainerParts, name: string): Promise<StreamRecord> {
  const { store, members, root, author } = parts
  const { meta, roster } = root
  if (meta === undefined || roster === undefined) throw notReady('its roster')
  const old = await meta.get(name)
  if (old === undefined) throw streamNotFound(name)
  if (old.attached) throw notOwn(name)
  const { data, index } = await members.take(name, old)
  const id = randomBytes(16)
  const streamKey = store.derive('datagram/1/stream', id)
  const logs = await openOwnLogs(store, { id, streamKey })
  const copy = { data: logs.data, indexLog: logs.index }
  await copyStream({ data, indexLog: index }, copy, author)
  // What no record names could not be let go later.
  await letGo(parts, name, old, old.former.slice(0, 1 - FORMER_MAX))
  const keys = { indexKey: logs.index.key, dataKey: logs.data.key }
  await appendToRoster(roster, keys)
  const record = await meta.change(name, (before) => ({
    ...before,
    ...keys,
    id,
    streamKey,
    rosterKey: undefined,
    former: [...before.former, formerOf(before)].slice(-FORMER_MAX),
  }))
  await members.take(name, record)
  return record
}

function formerOf({ id, indexKey, dataKey, streamKey }: StreamRecord) {
  return { id, indexKey, dataKey, streamKey }
}

/** The error of a stream that somebody else writes. */
function notOwn(name: string): Error {
  return containerError(
    'STREAM_NOT_OWN',
    `the stream ${JSON.stringify(name)} is somebody else's, who alone can key it anew; ask for a fresh link`,
    { details: { name } },
  )
}
