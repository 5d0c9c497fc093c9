import b4a from 'b4a'
import { isPayloadType, type PayloadType } from './data-carrier.ts'
import { isEntryName } from './entry-name.ts'
import { isNamedHash, type NamedHash } from './named-hash.ts'
import { isObjectName } from './object-record.ts'
import { objectStoreError } from './object-store-errors.ts'

/** Name of the file that makes a folder a rendering. */
export const MARKER_NAME = '.object.json'
/** More than a marker has. */
export const MARKER_BYTES_MAX = 64 * 1024

const FORMAT = 'datagram-rendering'
const VERSION = 1

/** Whether a person may change what a rendering shows and have it taken back. */
export type RenderMode = 'read-only' | 'read-write'

/** What a rendering shows. */
export interface RenderingMarker {
  readonly objectId: string
  /** The version that it shows, or that was made of it last. */
  readonly namedHash: NamedHash
  readonly payloadType: PayloadType
  /** Of the file or directory beside the marker. */
  readonly name: string
  readonly mode: RenderMode
}

/** The JSON of a marker, format version 1; drawn in docs/FORMATS.md. */
export function encodeMarker({
  objectId,
  namedHash,
  payloadType,
  name,
  mode,
}: RenderingMarker): Uint8Array {
  const fields = { objectId, namedHash, payloadType, name, mode }
  return b4a.from(`${JSON.stringify({ format: FORMAT, version: VERSION, ...fields }, null, 2)}\n`)
}

/** Throws `RENDERING_UNKNOWN`. */
export function decodeMarker(bytes: Uint8Array, folder: string): RenderingMarker {
  const marker = parsed(bytes, folder)
  if (marker['format'] !== FORMAT || marker['version'] !== VERSION) {
    throw renderingUnknown(folder, 'a newer version made it')
  }
  const { objectId, namedHash, payloadType, name, mode } = marker
  const isMode = mode === 'read-only' || mode === 'read-write'
  const isObject = isObjectName(objectId) && isNamedHash(namedHash) && isPayloadType(payloadType)
  // A name that leads elsewhere would take back what is none of the rendering's.
  if (!isMode || !isObject || !isEntryName(name)) {
    throw renderingUnknown(folder, `its ${MARKER_NAME} was changed`)
  }
  return { objectId, namedHash, payloadType, name, mode }
}

/** The error of a folder that is no rendering. */
export function renderingUnknown(folder: string, why: string, cause?: unknown): Error {
  return objectStoreError(
    'RENDERING_UNKNOWN',
    `${folder} is no rendering that can be taken back: ${why}; render the object again, into a new folder`,
    { cause, details: { folder, why } },
  )
}

function parsed(bytes: Uint8Array, folder: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(b4a.toString(bytes))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw renderingUnknown(folder, `its ${MARKER_NAME} cannot be read`, cause)
  }
  throw renderingUnknown(folder, `its ${MARKER_NAME} cannot be read`)
}
