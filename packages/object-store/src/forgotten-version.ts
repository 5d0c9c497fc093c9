import b4a from 'b4a'
import { type BlobId, ID_BYTES, idOf } from './named-hash.ts'
import { nameKey, type NameKey } from './object-key.ts'
import type { ObjectRecord } from './object-record.ts'

const NAME_BYTES = 32

/** What is left of a version that was forgotten: what it replaced stays replaced. */
export interface ForgottenVersion {
  readonly object: NameKey
  readonly previous: readonly BlobId[]
}

/** The name of its object, then the ids of the versions that it replaced. */
export function encodeForgottenVersion({
  objectId,
  previous = [],
}: Pick<ObjectRecord, 'objectId' | 'previous'>): Uint8Array {
  return b4a.concat([nameKey(objectId), ...previous.map(idOf)])
}

/** Undefined for what was a blob. */
export function decodeForgottenVersion(value: Uint8Array): ForgottenVersion | undefined {
  if (value.byteLength < NAME_BYTES) return undefined
  const previous: BlobId[] = []
  for (let at = NAME_BYTES; at + ID_BYTES <= value.byteLength; at += ID_BYTES) {
    previous.push(value.slice(at, at + ID_BYTES))
  }
  return { object: value.slice(0, NAME_BYTES), previous }
}
