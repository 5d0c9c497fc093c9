import type { InterfaceStream, Transaction } from '@datagram/stream'
import b4a from 'b4a'
import { decodeForgottenVersion } from './forgotten-version.ts'
import { type BlobId, idOf, idOfContent } from './named-hash.ts'
import {
  type Bounds,
  derivedBounds,
  forgottenBounds,
  headKey,
  idAtEnd,
  mutationKey,
  nameKey,
  type NameKey,
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

/**
 * Notes what follows from an object. In whatever order objects come, the notes are the same in the end: a
 * version is a head when it says what it replaces and no version of the object says that it replaces it.
 */
export async function projectObject(
  tx: Transaction,
  id: BlobId,
  record: ObjectRecord,
): Promise<void> {
  const { objectId, previous } = record
  const object = nameKey(objectId)
  for (const key of versionKeys(id, record)) tx.put(key, EMPTY)
  if (previous === undefined) return
  await supersede(tx, object, previous.map(idOf))
  if (!(await tx.has(supersededKey(object, id)))) tx.put(headKey(object, id), EMPTY)
}

/** Takes the notes of an object out; that it replaced others stays noted. */
export function unprojectObject(tx: Transaction, id: BlobId, record: ObjectRecord): void {
  for (const key of versionKeys(id, record)) tx.del(key)
  tx.del(headKey(nameKey(record.objectId), id))
}

function versionKeys(
  id: BlobId,
  { objectId, mutationId, timeVersion, type }: ObjectRecord,
): readonly Uint8Array[] {
  const place = { object: nameKey(objectId), timeVersion, id }
  return [
    versionKey(place),
    versionOfTypeKey(nameKey(type), place),
    mutationKey(nameKey(mutationId), id),
  ]
}

async function supersede(
  tx: Transaction,
  object: NameKey,
  versions: readonly BlobId[],
): Promise<void> {
  for (const id of versions) {
    tx.put(supersededKey(object, id), EMPTY)
    if (await tx.has(headKey(object, id))) tx.del(headKey(object, id))
  }
}

/**
 * Makes the notes again from the objects alone, in short steps; commits may come in between. One that was cut
 * off is begun again by {@link resumeRebuild}.
 */
export async function rebuild(stream: InterfaceStream, signal?: AbortSignal): Promise<void> {
  await stream.write((tx) => tx.put(rebuildingKey, EMPTY), { signal })
  while (await stream.write(clearSome, { signal })) signal?.throwIfAborted()
  for (const all of [objectBounds, forgottenBounds]) {
    let bounds: Bounds | undefined = all
    while (bounds !== undefined) {
      signal?.throwIfAborted()
      const from: Bounds = bounds
      bounds = await stream.write((tx) => projectSome(tx, from), { signal })
    }
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

// Notes what follows from objects, and from those that were forgotten, as many as one step does; what is left, if
// anything.
async function projectSome(tx: Transaction, bounds: Bounds): Promise<Bounds | undefined> {
  let last: Uint8Array | undefined
  let count = 0
  for await (const [key, bytes] of tx.range({ ...bounds, limit: OBJECTS_AT_ONCE })) {
    await projectEntry(tx, key, bytes)
    last = key
    count++
  }
  if (last === undefined || count < OBJECTS_AT_ONCE) return undefined
  const next = new Uint8Array(last.byteLength + 1)
  next.set(last)
  return { gte: next, lt: bounds.lt }
}

async function projectEntry(tx: Transaction, key: Uint8Array, value: Uint8Array): Promise<void> {
  const id = idAtEnd(key)
  if (b4a.equals(key, objectKey(id))) {
    // One that is damaged is fsck's to tell of; what follows from it is not known.
    const isSound = b4a.equals(idOfContent(value), id)
    return isSound ? projectObject(tx, id, decodeObject(value)) : undefined
  }
  const version = decodeForgottenVersion(value)
  if (version !== undefined) await supersede(tx, version.object, version.previous)
}
