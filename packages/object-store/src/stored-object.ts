import type { EntryReader, WaitOptions } from '@datagram/stream'
import { assertContent, contentNotFound } from './content-check.ts'
import { type BlobId, type NamedHash, namedHashOf } from './named-hash.ts'
import { objectKey } from './object-key.ts'
import { decodeObject, type ObjectRecord } from './object-record.ts'

/** One version of an object. */
export interface StoredObject extends ObjectRecord {
  /** Of its JSON, as it was stored. */
  readonly namedHash: NamedHash
}

/** The object of this id, verified; undefined when it is not here. Throws `BLOB_DAMAGED`. */
export async function findObject(
  reader: EntryReader,
  id: BlobId,
  wait?: WaitOptions,
): Promise<StoredObject | undefined> {
  const bytes = await reader.get(objectKey(id), wait)
  if (bytes === undefined) return undefined
  assertContent(bytes, id)
  return { namedHash: namedHashOf(id), ...decodeObject(bytes) }
}

/** As {@link findObject}; throws `BLOB_NOT_FOUND` as well. */
export async function readObject(
  reader: EntryReader,
  id: BlobId,
  wait?: WaitOptions,
): Promise<StoredObject> {
  const object = await findObject(reader, id, wait)
  if (object === undefined) throw contentNotFound(id)
  return object
}
