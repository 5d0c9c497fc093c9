import type { ContainerParts } from './container-parts.ts'
import { openOwnRoster } from './member-logs.ts'
import { appendToRoster } from './roster.ts'
import type { StreamRecord } from './stream-record.ts'

/**
 * Gives one of our own streams a roster of its own, so that who hosts it alone follows what is forgotten, and hears of
 * no other stream. It is made when a link for that is first given out; a crash before it is recorded leaves a log that
 * nothing names, and the next call goes on with it. Gives the record.
 */
export async function withOwnRoster(
  { store, members, root }: ContainerParts,
  name: string,
  record: StreamRecord,
): Promise<StreamRecord> {
  const { meta } = root
  if (record.rosterKey !== undefined || record.attached || meta === undefined) return record
  const roster = await openOwnRoster(store, record)
  if (roster.length === 0) await appendToRoster(roster, record)
  const changed = await meta.change(name, (before) => ({ ...before, rosterKey: roster.key }))
  await members.take(name, changed)
  return changed
}
