import type { OrderedReader } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import type { StreamHeader } from './header.ts'
import { type AnyInterface, assertDefinition } from './interface-definition.ts'
import type { Transaction } from './interface-stream.ts'
import { COMPANION_SPACE, EMPTY_SPACE, MAIN_SPACE, SPACES_MAX, STREAM_SPACE } from './key-space.ts'
import {
  decodeSpace,
  encodeSpace,
  type SpaceRecord,
  spaceBounds,
  spaceKey,
  spaceNumber,
} from './space-record.ts'
import { streamError } from './stream-errors.ts'

// An interface that requires itself would never end.
const DEPTH_MAX = 8
// A companion is what the stream's own interface requires itself.
const COMPANION_DEPTH = 2

/** An interface of a stream, with the key space that it has there. */
export interface SpacePlan {
  readonly definition: AnyInterface
  /** Slots of `requires` on the way to it, joined by `/`; empty for the stream's own interface. */
  readonly path: string
  readonly space: number
  /** Version of its data in the stream; undefined when it has none yet. */
  readonly storedVersion: number | undefined
  readonly required: ReadonlyMap<string, SpacePlan>
}

/**
 * Which key space each interface of a stream has: the one that is recorded or, for one that is new, the
 * next free one; the empty one on a replica.
 *
 * Throws `STREAM_TYPE_MISMATCH`, `STREAM_VERSION_NEWER`, and `STREAM_VERSION_OLDER` where the data is
 * older than the interface and cannot be migrated here.
 */
export function planSpaces(
  definition: AnyInterface,
  header: StreamHeader,
  { writable, records }: { readonly writable: boolean; readonly records: SpaceRecords },
): SpacePlan {
  const main: SpaceRecord = { path: '', type: header.type, version: header.version }
  const byPath = new Map([...records].map(([space, record]) => [record.path, { space, record }]))
  if (!byPath.has('')) byPath.set('', { space: MAIN_SPACE, record: main })
  const hasCompanion = Object.values(definition.requires ?? {}).some(isCompanion)
  const taken = hasCompanion ? COMPANION_SPACE : MAIN_SPACE
  let next = Math.max(taken, ...records.keys()) + 1
  const plan = (one: AnyInterface, path: string, depth: number): SpacePlan => {
    if (depth > DEPTH_MAX) {
      throw new TypeError(
        `the interface ${definition.name} requires others more than ${DEPTH_MAX} deep`,
      )
    }
    const recorded = byPath.get(path)
    if (recorded !== undefined) assertFits(one, recorded.record, writable)
    const isBeside = isCompanion(one) && depth === COMPANION_DEPTH && recorded === undefined
    const free = () => (writable ? next++ : EMPTY_SPACE)
    const space = recorded?.space ?? (isBeside ? COMPANION_SPACE : free())
    if (space > SPACES_MAX && space !== EMPTY_SPACE) {
      throw new TypeError(`a stream has room for ${SPACES_MAX} interfaces`)
    }
    const required = new Map<string, SpacePlan>()
    for (const [slot, other] of Object.entries(one.requires ?? {})) {
      assertDefinition(other)
      required.set(slot, plan(other, path === '' ? slot : `${path}/${slot}`, depth + 1))
    }
    const storedVersion = recorded?.record.version ?? (isBeside ? 1 : undefined)
    return { definition: one, path, space, storedVersion, required }
  }
  return plan(definition, '', 1)
}

function isCompanion({ companion }: AnyInterface): boolean {
  return companion === true
}

/** The records of key spaces, by number. */
export type SpaceRecords = ReadonlyMap<number, SpaceRecord>

/** Reads the records out of key space 0. */
export async function readSpaces(reader: OrderedReader, wait: WaitOptions): Promise<SpaceRecords> {
  const records = new Map<number, SpaceRecord>()
  for await (const [key, value] of reader.range({ ...spaceBounds, ...wait })) {
    records.set(spaceNumber(key), decodeSpace(value))
  }
  return records
}

/** Whether the data of every interface in the plan is recorded, and of its version. */
export function isSettled(plan: SpacePlan): boolean {
  return (
    plan.storedVersion === plan.definition.version && [...plan.required.values()].every(isSettled)
  )
}

/** Runs `fn` with the transaction as a key space sees it. */
export type InSpace = (space: number, fn: (tx: Transaction) => unknown) => Promise<unknown>

/** Migrates what is older and records what is new, the required interfaces first. */
export async function settleSpaces(plan: SpacePlan, inSpace: InSpace): Promise<void> {
  for (const required of plan.required.values()) await settleSpaces(required, inSpace)
  const { definition, storedVersion, space, path } = plan
  const { name: type, version } = definition
  if (storedVersion === version) return
  if (storedVersion !== undefined) {
    await inSpace(space, (tx) => definition.migrate?.(storedVersion, tx))
  }
  const record = encodeSpace({ path, type, version })
  await inSpace(STREAM_SPACE, (tx) => tx.put(spaceKey(space), record))
}

function assertFits(
  definition: AnyInterface,
  { type, version, path }: SpaceRecord,
  writable: boolean,
) {
  const { name } = definition
  if (type !== name) throw mismatch(type, name, path)
  if (version > definition.version) {
    throw versionError('STREAM_VERSION_NEWER', definition, version, 'install a newer version of it')
  }
  if (version < definition.version && !(writable && definition.migrate !== undefined)) {
    const remedy = writable
      ? 'open it with the older version, or with one that can migrate it'
      : 'its author must open it with the newer version first'
    throw versionError('STREAM_VERSION_OLDER', definition, version, remedy)
  }
}

function mismatch(type: string, name: string, path: string): Error {
  const what = path === '' ? 'the stream' : `the slot ${path} of the stream`
  return streamError(
    'STREAM_TYPE_MISMATCH',
    `${what} is of type ${type}, not ${name}; open it with the interface ${type}, or another stream`,
    { details: { type, asked: name } },
  )
}

function versionError(
  code: 'STREAM_VERSION_NEWER' | 'STREAM_VERSION_OLDER',
  { name, version }: AnyInterface,
  stored: number,
  remedy: string,
): Error {
  return streamError(
    code,
    `the stream's data is of version ${stored} of the interface ${name}, which is of version ${version}; ${remedy}`,
    { details: { stored, version } },
  )
}
