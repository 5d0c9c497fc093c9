import type { InterfaceStream, Transaction } from '@datagram/stream'
import { type BlobId, idOf } from './named-hash.ts'
import {
  type Bounds,
  derivedBounds,
  headKey,
  idAtEnd,
  mutationKey,
  nameKey,
  objectBounds,
  objectKey,
  rebuildingKey,
  supersededKey,
  versionKey,
  versionOfTypeKey,
} from './object-key.ts'
import { decodeObject, type ObjectRecord } from './object-record.ts'

const EMPTY = new Uint8Array(0)
// Entries that one step of a rebuild takes out, and objects that one step reads: each is short.
const ENTRIES_AT_ONCE = 4096
const OBJECTS_AT_ONCE = 256

/** An object with its bytes as they were given, and its id. */
export interface StoredBytes {
  readonly id: BlobId
  readonly bytes: Uint8Array
}

/** Stores an object as part of a transaction; false when it is there already. */
export async function storeObject(
  tx: Transaction,
  { id, bytes }: StoredBytes,
  record: ObjectRecord,
): Promise<boolean> {
  if (await tx.has(objectKey(id))) return false
  tx.put(objectKey(id), bytes)
  await projectObject(tx, id, record)
  return true
}

/**
 * Notes what follows from an object. In whatever order objects come, the notes are the same in the end: a
 * version is a head when it says what it replaces and no version of the object says that it replaces it.
 */
async function projectObject(tx: Transaction, id: BlobId, record: ObjectRecord): Promise<void> {
  const { objectId, mutationId, timeVersion, type, previous } = record
  const object = nameKey(objectId)
  tx.put(versionKey({ object, timeVersion, id }), EMPTY)
  tx.put(versionOfTypeKey(nameKey(type), { object, timeVersion, id }), EMPTY)
  tx.put(mutationKey(nameKey(mutationId), id), EMPTY)
  if (previous === undefined) return
  for (const before of previous.map(idOf)) {
    tx.put(supersededKey(object, before), EMPTY)
    if (await tx.has(headKey(object, before))) tx.del(headKey(object, before))
  }
  if (!(await tx.has(supersededKey(object, id)))) tx.put(headKey(object, id), EMPTY)
}

/**
 * Makes the notes again from the objects alone, in short steps; commits may come in between. One that was cut
 * off is begun again by {@link resumeRebuild}.
 */
export async function rebuild(stream: InterfaceStream, signal?: AbortSignal): Promise<void> {
  await stream.write((tx) => tx.put(rebuildingKey, EMPTY), { signal })
  while (await stream.write(clearSome, { signal })) signal?.throwIfAborted()
  let bounds: Bounds | undefined = objectBounds
  while (bounds !== undefined) {
    signal?.throwIfAborted()
    const from: Bounds = bounds
    bounds = await stream.write((tx) => projectSome(tx, from), { signal })
  }
  await stream.write((tx) => tx.del(rebuildingKey), { signal })
}

/** Rebuilds where a rebuild was cut off. */
export async function resumeRebuild(stream: InterfaceStream): Promise<void> {
  if (await stream.index.has(rebuildingKey)) await rebuild(stream)
}

// Takes out notes, as many as one step does; false when there were none.
async function clearSome(tx: Transaction): Promise<boolean> {
  let count = 0
  for await (const key of tx.keys({ ...derivedBounds, limit: ENTRIES_AT_ONCE })) {
    tx.del(key)
    count++
  }
  return count > 0
}

// Notes what follows from objects, as many as one step does; what is left, if anything.
async function projectSome(tx: Transaction, bounds: Bounds): Promise<Bounds | undefined> {
  let last: Uint8Array | undefined
  let count = 0
  for await (const [key, bytes] of tx.range({ ...bounds, limit: OBJECTS_AT_ONCE })) {
    await projectObject(tx, idAtEnd(key), decodeObject(bytes))
    last = key
    count++
  }
  if (last === undefined || count < OBJECTS_AT_ONCE) return undefined
  const next = new Uint8Array(last.byteLength + 1)
  next.set(last)
  return { gte: next, lt: bounds.lt }
}
