import { randomUUID } from 'node:crypto'
import type { JsonObject, JsonValue } from '@datagram/descriptors'
import b4a from 'b4a'
import { idOf, type NamedHash } from './named-hash.ts'
import { assertObjectSize, isObjectName, NAME_LENGTH_MAX, PREVIOUS_MAX } from './object-record.ts'

/** A version to be committed: what the store adds are `mutationId` and `timeVersion`. */
export interface ObjectDraft {
  /** Default: that of a new object. */
  readonly objectId?: string | undefined
  readonly type: string
  /**
   * Versions that this one was made in knowledge of, and replaces. Default: the current one, if there is any.
   * Name all versions of a conflict to settle it.
   */
  readonly previous?: readonly NamedHash[] | undefined
  /** Whatever else the object is to hold: plain JSON. */
  readonly [key: string]: JsonValue | readonly NamedHash[] | undefined
}

/** A draft that was checked, and is nobody else's to change. */
export interface CheckedDraft {
  readonly objectId: string
  readonly type: string
  readonly previous: readonly NamedHash[] | undefined
  readonly fields: JsonObject
}

// Deeper JSON would overflow the stack of whoever reads it.
const DEPTH_MAX = 500

/** Throws a TypeError for what is no draft, `NAMED_HASH_MALFORMED` and `HASH_ALGORITHM_UNKNOWN`. */
export function checkedDraft(draft: ObjectDraft): CheckedDraft {
  if (typeof draft !== 'object' || draft === null) throw new TypeError('an object is committed')
  const { objectId = randomUUID(), type, previous, ...fields } = draft
  assertName(objectId, 'objectId')
  assertName(type, 'type')
  for (const key of ['mutationId', 'timeVersion']) {
    if (key in fields) throw new TypeError(`${key} is given by the store, not by the caller`)
  }
  if (previous !== undefined) assertPrevious(previous)
  return { objectId, type, previous: previous && [...previous], fields: copied(fields) }
}

/** The JSON of a version, in UTF-8. Throws `OBJECT_TOO_LARGE`. */
export function encodeDraft(
  { objectId, type, fields }: CheckedDraft,
  { timeVersion, previous }: { timeVersion: number; previous: readonly NamedHash[] },
): Uint8Array {
  const mutationId = randomUUID()
  const bytes = b4a.from(
    JSON.stringify({ objectId, mutationId, timeVersion, type, previous, ...fields }),
  )
  assertObjectSize(bytes.byteLength)
  return bytes
}

function assertName(value: unknown, key: string): asserts value is string {
  if (isObjectName(value)) return
  throw new TypeError(`${key} is text of 1 to ${NAME_LENGTH_MAX} characters`)
}

function assertPrevious(previous: unknown): asserts previous is readonly NamedHash[] {
  if (!Array.isArray(previous) || previous.length > PREVIOUS_MAX) {
    throw new TypeError(`previous is a list of at most ${PREVIOUS_MAX} named hashes`)
  }
  for (const namedHash of previous) idOf(namedHash as string)
}

function copied(fields: Readonly<Record<string, unknown>>): JsonObject {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined)
  for (const [key, value] of there) assertJson(value, key, 1)
  return JSON.parse(JSON.stringify(Object.fromEntries(there))) as JsonObject
}

// What JSON would quietly leave out or change is refused.
function assertJson(value: unknown, at: string, depth: number): asserts value is JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (depth > DEPTH_MAX) throw new TypeError(`${at} lies deeper than ${DEPTH_MAX} levels`)
  if (Array.isArray(value)) {
    value.forEach((item, i) => assertJson(item, `${at}[${i}]`, depth + 1))
    return
  }
  const isPlain = Object.prototype.toString.call(value) === '[object Object]'
  if (!isPlain || 'toJSON' in (value as object)) throw new TypeError(`${at} is no plain JSON`)
  for (const [key, item] of Object.entries(value as object)) {
    assertJson(item, `${at}.${key}`, depth + 1)
  }
}
