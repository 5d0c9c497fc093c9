import type { JsonValue } from '@datagram/descriptors'
import { AION_BYTES_MAX, type AionPoint, decodeAionPoint } from './aion-point.ts'
import { isNamedHash, type NamedHash } from './named-hash.ts'
import type { ObjectRecord } from './object-record.ts'

const BRACE = 0x7b

/** A JSON blob larger than this is taken for content that names nothing. */
export const REFERRING_BYTES_MAX = AION_BYTES_MAX

/**
 * What an object names: every named hash in it, wherever it stands, but for the versions that it replaces, which
 * may be gone.
 */
export function referencesOfObject({ content }: Pick<ObjectRecord, 'content'>): Set<NamedHash> {
  const { previous: _, ...fields } = content
  return namedIn(fields)
}

/**
 * What a blob names: an Aion point its items or its parts, other JSON objects every named hash in them, all else
 * nothing.
 */
export function referencesOfBlob(bytes: Uint8Array): Set<NamedHash> {
  if (bytes[0] !== BRACE || bytes.byteLength > REFERRING_BYTES_MAX) return new Set()
  const point = aionPoint(bytes)
  if (point !== undefined) return new Set(partsOf(point))
  try {
    return namedIn(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch {
    // It begins like JSON and is none: content like any other.
    return new Set()
  }
}

/** Whether a blob that begins so can name anything. */
export const mayRefer = (first: Uint8Array): boolean => first[0] === BRACE

// The hash of a whole file is no blob.
function partsOf(point: AionPoint): readonly NamedHash[] {
  if (point.aionType === 'directory') return point.items
  return point.aionType === 'file' ? point.parts : []
}

function aionPoint(bytes: Uint8Array): AionPoint | undefined {
  try {
    return decodeAionPoint(bytes)
  } catch {
    return undefined
  }
}

// Without recursion: the JSON of others may be as deep as it is long.
function namedIn(value: JsonValue): Set<NamedHash> {
  const found = new Set<NamedHash>()
  const left: JsonValue[] = [value]
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one === 'string') {
      if (isNamedHash(one)) found.add(one)
    } else if (typeof one === 'object' && one !== null) {
      for (const item of Object.values(one)) left.push(item)
    }
  }
  return found
}
