import type { JsonObject } from '@datagram/descriptors'
import { isNamedHash, type NamedHash } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'

/** Largest object, in bytes of its JSON. What is larger is a blob that an object names. */
export const OBJECT_BYTES_MAX = 16 * 1024 * 1024
/** Longest object id, mutation id and type, in UTF-16 units. */
export const NAME_LENGTH_MAX = 1024
/** Most versions that an object can name as its `previous`. */
export const PREVIOUS_MAX = 1024

/** What every object of a store has. */
export interface ObjectRecord {
  /** The same in all versions of one object. */
  readonly objectId: string
  /** No two objects have the same. */
  readonly mutationId: string
  /** When this version was issued: unix seconds with decimals. The highest is the current one. */
  readonly timeVersion: number
  readonly type: string
  /**
   * Versions that its author had seen and meant to replace. Undefined where the object does not say: then it
   * conflicts with nothing.
   */
  readonly previous: readonly NamedHash[] | undefined
  /** All of the object, these keys included. */
  readonly content: JsonObject
}

/** Reads the JSON of an object. Throws `OBJECT_MALFORMED` and `OBJECT_TOO_LARGE`. */
export function decodeObject(bytes: Uint8Array): ObjectRecord {
  assertObjectSize(bytes.byteLength)
  const content = parsed(bytes)
  const { objectId, mutationId, timeVersion, type, previous } = content
  assertName(objectId, 'objectId')
  assertName(mutationId, 'mutationId')
  assertName(type, 'type')
  if (
    typeof timeVersion !== 'number' ||
    !(timeVersion >= 0) ||
    timeVersion > Number.MAX_SAFE_INTEGER
  ) {
    throw malformed('its timeVersion is no number of seconds since 1970')
  }
  return { objectId, mutationId, timeVersion, type, previous: previousOf(previous), content }
}

/** Throws `OBJECT_TOO_LARGE` when the JSON of an object has more bytes than it may. */
export function assertObjectSize(bytes: number): void {
  if (bytes <= OBJECT_BYTES_MAX) return
  throw objectStoreError(
    'OBJECT_TOO_LARGE',
    `an object of ${bytes} bytes is over the limit of ${OBJECT_BYTES_MAX}; put what is large into a blob, and its named hash into the object`,
    { details: { bytes, limit: OBJECT_BYTES_MAX } },
  )
}

// A key of that name may mean something else in a type that is not ours.
function previousOf(value: unknown): readonly NamedHash[] | undefined {
  if (!Array.isArray(value) || value.length > PREVIOUS_MAX) return undefined
  return value.every(isNamedHash) ? (value as NamedHash[]) : undefined
}

function parsed(bytes: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw malformed('it is no JSON', cause)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonObject
  throw malformed('it is no JSON object')
}

/** Whether `value` can be an object id, a mutation id or a type. */
export function isObjectName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > NAME_LENGTH_MAX)
    return false
  // Half a character has no UTF-8: two such names would be one.
  return !/\p{Surrogate}/u.test(value)
}

function assertName(value: unknown, key: string): asserts value is string {
  if (isObjectName(value)) return
  throw malformed(`its ${key} is no text of 1 to ${NAME_LENGTH_MAX} characters`)
}

function malformed(why: string, cause?: unknown): Error {
  return objectStoreError(
    'OBJECT_MALFORMED',
    `this is no object of a store: ${why}; store it as a blob, or mend whatever made it`,
    { cause, details: { why } },
  )
}
