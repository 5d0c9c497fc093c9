import type { EventLoopTurn } from './event-loop-turn.ts'
import { type GroupSizes, GroupWriter, type WrittenGroup } from './group-writer.ts'
import type { Memtable } from './memtable.ts'
import { MemtableCursor } from './memtable-cursor.ts'

// Entries between two looks at the clock.
const ENTRIES_PER_LOOK = 256
const EVERYTHING = { lower: undefined, upper: undefined }

/**
 * The groups of a run with the newest operation of each key of a table.
 *
 * Tombstones are left out when no older run holds anything (`keepTombstones` false).
 */
export async function writeMemtable(
  table: Memtable,
  sizes: GroupSizes,
  keepTombstones: boolean,
  turn: EventLoopTurn,
): Promise<WrittenGroup[]> {
  const cursor = new MemtableCursor(table.view(), EVERYTHING, false)
  const writer = new GroupWriter(sizes)
  const groups: WrittenGroup[] = []
  for (let entries = 1; cursor.state === 'ready'; entries++) {
    if (keepTombstones || !cursor.entry.tombstone) writer.add(cursor.entry, cursor.hash)
    cursor.advance()
    if (writer.full) groups.push(writer.finish() as WrittenGroup)
    if (entries % ENTRIES_PER_LOOK === 0 && turn.over) await turn.next()
  }
  const last = writer.finish()
  return last === undefined ? groups : [...groups, last]
}

/** Up to `count` keys of a table, evenly spread over their order. */
export function sampleKeys(table: Memtable, count: number): Uint8Array[] {
  const ids = table.sorted()
  const keys: Uint8Array[] = []
  const step = Math.max(1, ids.length / count)
  for (let i = 0; i < ids.length; i += step) keys.push(table.key(ids[Math.floor(i)] as number))
  return keys
}
