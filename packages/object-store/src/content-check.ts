import b4a from 'b4a'
import { type BlobId, idOfContent, namedHashOf } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'

/** Throws `BLOB_DAMAGED` unless stored bytes hash to `id`. */
export function assertContent(bytes: Uint8Array, id: BlobId): void {
  if (!b4a.equals(idOfContent(bytes), id)) throw contentDamaged(id)
}

/** Throws `BLOB_MISMATCHED` unless the id of what is to be stored is the one that was expected, if any was. */
export function assertExpected(id: BlobId, expected: BlobId | undefined): void {
  if (expected === undefined || b4a.equals(id, expected)) return
  throw objectStoreError(
    'BLOB_MISMATCHED',
    `the content hashes to ${namedHashOf(id)} and not to ${namedHashOf(expected)}; it was changed on its way, fetch it again`,
    { details: { namedHash: namedHashOf(expected), is: namedHashOf(id) } },
  )
}

/** The error of stored content that does not hash to its name. */
export function contentDamaged(id: BlobId): Error {
  const namedHash = namedHashOf(id)
  return objectStoreError(
    'BLOB_DAMAGED',
    `what is stored as ${namedHash} is not what was put there; fsck with a healthy peer mends it`,
    { details: { namedHash } },
  )
}

/** The error of content that is not here. */
export function contentNotFound(id: BlobId): Error {
  const namedHash = namedHashOf(id)
  return objectStoreError(
    'BLOB_NOT_FOUND',
    `${namedHash} is not here; pull from a store that has it`,
    {
      details: { namedHash },
    },
  )
}

/** The error of stored content that lacks a part. */
export function contentIncomplete(id: BlobId): Error {
  const namedHash = namedHashOf(id)
  return objectStoreError(
    'BLOB_INCOMPLETE',
    `a part of ${namedHash} is missing; fsck with a healthy peer mends it`,
    { details: { namedHash } },
  )
}
