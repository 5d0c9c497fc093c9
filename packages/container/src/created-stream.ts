import { randomBytes } from '@datagram/log-core'
import { type InterfaceDefinition, openStream, type Requires, type Stream } from '@datagram/stream'
import type { ContainerParts } from './container-parts.ts'
import { openOwnLogs } from './member-logs.ts'
import { streamNotFound } from './meta-database.ts'
import { appendToRoster } from './roster.ts'

/** Makes a stream of our own. It is recorded once its headers are there: a crash before leaves two logs that nothing names. */
export async function createStream<Api extends object, Options, R extends Requires>(
  { store, members, root, author }: ContainerParts,
  name: string,
  definition: InterfaceDefinition<Api, Options, R>,
  options: Options | undefined,
): Promise<Stream<Api>> {
  const { meta, roster } = root
  if (meta === undefined || roster === undefined) throw streamNotFound(name)
  const id = randomBytes(16)
  const streamKey = store.derive('datagram/1/stream', id)
  const { index, data } = await openOwnLogs(store, { id, streamKey })
  const stream = await openStream({ name, data, index, author, definition, options })
  const keys = { indexKey: index.key, dataKey: data.key }
  const facts = { type: definition.name, title: '', labels: [], createdMs: Date.now(), former: [] }
  const record = { attached: false, id, streamKey, ...keys, ...facts }
  await appendToRoster(roster, keys)
  await meta.add(name, record)
  await members.take(name, record)
  return stream
}
