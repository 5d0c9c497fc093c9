import b4a from 'b4a'
import { assertEntryName } from './entry-name.ts'
import { isNamedHash, type NamedHash } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'

/** A file: its content is the parts, one after another. */
export interface AionFile {
  readonly aionType: 'file'
  readonly name: string
  /** Bytes of the content. */
  readonly size: number
  /** Named hash of the whole content; it is no blob of the store. */
  readonly hash: NamedHash
  /** Blobs of 1 MiB each, the last one less; none of an empty file. */
  readonly parts: readonly NamedHash[]
}

/** A directory. */
export interface AionDirectory {
  readonly aionType: 'directory'
  readonly name: string
  /** Aion points of what is in it, ordered by name as UTF-8 bytes. */
  readonly items: readonly NamedHash[]
}

/** What is neither: a symbolic link, for one. There was something of this name. */
export interface AionIndefinite {
  readonly aionType: 'indefinite'
  readonly name: string
}

/**
 * A node of a tree of files: a small JSON blob. It has no time and no mode, so the same tree always has the
 * same named hash (DocNet's Aion points).
 */
export type AionPoint = AionFile | AionDirectory | AionIndefinite

/** Largest Aion point: a directory of some 800,000 entries. */
export const AION_BYTES_MAX = 64 * 1024 * 1024

/** The JSON of an Aion point, in UTF-8: compact, its keys in the order that makes the hash. */
export function encodeAionPoint(point: AionPoint): Uint8Array {
  return b4a.from(JSON.stringify(ordered(point)))
}

/** Throws `AION_POINT_MALFORMED`, and `TREE_NAME_REFUSED` for a name that leads elsewhere. */
export function decodeAionPoint(bytes: Uint8Array): AionPoint {
  const point = parsed(bytes)
  const { aionType, name } = point
  if (aionType === 'indefinite') {
    assertEntryName(name)
    return { aionType, name }
  }
  if (aionType === 'directory') {
    const items = hashes(point['items'], 'items')
    assertEntryName(name)
    return { aionType, name, items }
  }
  if (aionType !== 'file') throw aionMalformed('its aionType is unknown')
  const { size, hash } = point
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw aionMalformed('its size is no size')
  if (!isNamedHash(hash)) throw aionMalformed('its hash is no named hash')
  const parts = hashes(point['parts'], 'parts')
  assertEntryName(name)
  return { aionType, name, size: size as number, hash, parts }
}

/** The error of a blob that should be an Aion point and is none, or contradicts itself. */
export function aionMalformed(why: string, cause?: unknown): Error {
  return objectStoreError(
    'AION_POINT_MALFORMED',
    `this is no file or directory: ${why}; import the tree again where it came from`,
    { cause, details: { why } },
  )
}

function ordered(point: AionPoint): AionPoint {
  const { aionType, name } = point
  if (aionType === 'indefinite') return { aionType, name }
  if (aionType === 'directory') return { aionType, name, items: point.items }
  return { aionType, name, size: point.size, hash: point.hash, parts: point.parts }
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw aionMalformed('it is no JSON', cause)
  }
  throw aionMalformed('it is no JSON object')
}

function hashes(value: unknown, what: string): readonly NamedHash[] {
  if (Array.isArray(value) && value.every(isNamedHash)) return value as NamedHash[]
  throw aionMalformed(`its ${what} are no list of named hashes`)
}
