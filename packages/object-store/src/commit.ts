import type { InterfaceStream, Transaction, WaitOptions } from '@datagram/stream'
import { idOf, idOfContent, type NamedHash, namedHashOf } from './named-hash.ts'
import { clockKey } from './object-key.ts'
import { type CheckedDraft, encodeDraft } from './object-draft.ts'
import { decodeObject } from './object-record.ts'
import type { ObjectShelf } from './object-shelf.ts'
import { ObjectView } from './object-view.ts'
import { findObject, type StoredObject } from './stored-object.ts'
import { nextTimeVersion } from './time-version.ts'

/** Commits one version: what it follows is looked up, and it is stored, in one write. */
export function commit(
  stream: InterfaceStream,
  shelf: ObjectShelf,
  draft: CheckedDraft,
  wait?: WaitOptions,
): Promise<StoredObject> {
  return stream.write(async (tx) => {
    const seen = await seenBy(tx, draft)
    const clock = await readClock(tx)
    const floor = seen.reduce((max, { timeVersion }) => Math.max(max, timeVersion), clock)
    const timeVersion = nextTimeVersion(Date.now(), floor)
    const previous = draft.previous ?? seen.map(({ namedHash }) => namedHash)
    const bytes = encodeDraft(draft, { timeVersion, previous })
    const id = idOfContent(bytes)
    const record = decodeObject(bytes)
    await shelf.store(tx, { id, bytes }, record)
    tx.put(clockKey, clockValue(timeVersion))
    return { namedHash: namedHashOf(id), ...record }
  }, wait)
}

// The versions that a draft was made in knowledge of, as far as they are here.
async function seenBy(
  tx: Transaction,
  { objectId, previous }: CheckedDraft,
): Promise<readonly StoredObject[]> {
  if (previous === undefined) {
    const current = await new ObjectView(tx).current(objectId)
    return current === undefined ? [] : [current]
  }
  const named = await Promise.all(previous.map((one: NamedHash) => findObject(tx, idOf(one))))
  return named.filter((version) => version !== undefined)
}

async function readClock(tx: Transaction): Promise<number> {
  const value = await tx.get(clockKey)
  if (value === undefined) return 0
  return new DataView(value.buffer, value.byteOffset).getFloat64(0)
}

function clockValue(timeVersion: number): Uint8Array {
  const value = new Uint8Array(8)
  new DataView(value.buffer).setFloat64(0, timeVersion)
  return value
}
