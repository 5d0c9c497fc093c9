import { createHash } from 'node:crypto'
import b4a from 'b4a'
import { type BlobId, ID_BYTES } from './named-hash.ts'

/*
 * Keys of an object store: a byte that says what it is, then parts of fixed length, so that one range scan
 * gives all of a kind in the order of their hashes. docs/FORMATS.md draws what lies under them.
 */
const BLOB = 1
const LARGE_BLOB = 2
const PART = 3
const UPLOAD = 4
const OBJECT = 5
const FORGOTTEN = 6
const PIN = 7
const UNREFERENCED = 8
const CLOCK = 9
const REBUILDING = 10
const VERSION = 16
const VERSION_OF_TYPE = 17
const MUTATION = 18
const SUPERSEDED = 19
const HEAD = 20

const TIME_BYTES = 8

const UPLOAD_BYTES = 16

/** Keys from `gte` up to, not including, `lt`. */
export interface Bounds {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** Names the parts of a large blob: random, as its hash is known when it ends. */
export type UploadId = Uint8Array

export const blobKey = (id: BlobId): Uint8Array => b4a.concat([b4a.from([BLOB]), id])
export const largeBlobKey = (id: BlobId): Uint8Array => b4a.concat([b4a.from([LARGE_BLOB]), id])
export const objectKey = (id: BlobId): Uint8Array => b4a.concat([b4a.from([OBJECT]), id])

/** What stands for an object id, a mutation id or a type in keys: its SHA-256, of one length for all. */
export type NameKey = Uint8Array
export const nameKey = (name: string): NameKey => createHash('sha256').update(name).digest()

/** A version of an object, as keys have it. */
export interface VersionPlace {
  /** Of its object id. */
  readonly object: NameKey
  readonly timeVersion: number
  readonly id: BlobId
}

/** Sorts by object, then by time, then by hash: the last of an object is its current version. */
export const versionKey = ({ object, timeVersion, id }: VersionPlace): Uint8Array =>
  b4a.concat([b4a.from([VERSION]), object, orderedTime(timeVersion), id])
export const versionOfTypeKey = (
  type: NameKey,
  { object, timeVersion, id }: VersionPlace,
): Uint8Array =>
  b4a.concat([b4a.from([VERSION_OF_TYPE]), type, object, orderedTime(timeVersion), id])
export const mutationKey = (mutation: NameKey, id: BlobId): Uint8Array =>
  b4a.concat([b4a.from([MUTATION]), mutation, id])
export const supersededKey = (object: NameKey, id: BlobId): Uint8Array =>
  b4a.concat([b4a.from([SUPERSEDED]), object, id])
export const headKey = (object: NameKey, id: BlobId): Uint8Array =>
  b4a.concat([b4a.from([HEAD]), object, id])
export const forgottenKey = (id: BlobId): Uint8Array => b4a.concat([b4a.from([FORGOTTEN]), id])
export const pinKey = (id: BlobId): Uint8Array => b4a.concat([b4a.from([PIN]), id])
export const unreferencedKey = (id: BlobId): Uint8Array =>
  b4a.concat([b4a.from([UNREFERENCED]), id])
export const forgottenBounds = boundsOf(b4a.from([FORGOTTEN]))
export const pinBounds = boundsOf(b4a.from([PIN]))
export const unreferencedBounds = boundsOf(b4a.from([UNREFERENCED]))
export const clockKey: Uint8Array = b4a.from([CLOCK])
export const rebuildingKey: Uint8Array = b4a.from([REBUILDING])

export const versionsBounds = boundsOf(b4a.from([VERSION]))
export const versionsOfBounds = (object: NameKey): Bounds =>
  boundsOf(b4a.concat([b4a.from([VERSION]), object]))
export const versionsOfTypeBounds = (type: NameKey): Bounds =>
  boundsOf(b4a.concat([b4a.from([VERSION_OF_TYPE]), type]))
export const mutationsBounds = boundsOf(b4a.from([MUTATION]))
export const headsBounds = boundsOf(b4a.from([HEAD]))
/** What follows from the objects: `rebuild` makes it again. */
export const derivedBounds: Bounds = { gte: b4a.from([VERSION]), lt: b4a.from([HEAD + 1]) }

/** What keys of one object, or one mutation, have in common: all before their time and hash. */
export function groupOf(key: Uint8Array): string {
  const tail = key[0] === VERSION || key[0] === VERSION_OF_TYPE ? TIME_BYTES + ID_BYTES : ID_BYTES
  return b4a.toString(key.subarray(0, key.byteLength - tail), 'latin1')
}

/** The object that a key of {@link versionOfTypeKey} is of. */
export const objectOfType = (key: Uint8Array): NameKey => key.slice(33, 65)

export const uploadKey = (upload: UploadId): Uint8Array => b4a.concat([b4a.from([UPLOAD]), upload])

export function partKey(upload: UploadId, part: number): Uint8Array {
  const key = b4a.alloc(1 + UPLOAD_BYTES + 4)
  key[0] = PART
  key.set(upload, 1)
  new DataView(key.buffer, key.byteOffset).setUint32(1 + UPLOAD_BYTES, part)
  return key
}

export const blobBounds = boundsOf(b4a.from([BLOB]))
export const largeBlobBounds = boundsOf(b4a.from([LARGE_BLOB]))
export const objectBounds = boundsOf(b4a.from([OBJECT]))
export const uploadBounds = boundsOf(b4a.from([UPLOAD]))
export const partBounds = (upload: UploadId): Bounds =>
  boundsOf(b4a.concat([b4a.from([PART]), upload]))

/** The id at the end of a key. */
export const idAtEnd = (key: Uint8Array): BlobId => key.slice(key.byteLength - ID_BYTES)
/** What follows the first byte of a key. */
export const rest = (key: Uint8Array): Uint8Array => key.slice(1)

/** A number from 0 whose bytes sort as it does: an IEEE 754 double, big endian. */
function orderedTime(time: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES)
  new DataView(bytes.buffer).setFloat64(0, time)
  return bytes
}

/** All keys that begin with `prefix`, which is not all 0xff. */
export function boundsOf(prefix: Uint8Array): Bounds {
  const lt = b4a.from(prefix)
  let at = lt.byteLength - 1
  while (lt[at] === 0xff) at--
  lt[at] = (lt[at] as number) + 1
  return { gte: prefix, lt: lt.slice(0, at + 1) }
}
