import b4a from 'b4a'
import c from 'compact-encoding'
import { type BlobId, ID_BYTES } from './named-hash.ts'
import type { UploadId } from './object-key.ts'
import { objectStoreError } from './object-store-errors.ts'

/** Bytes of each part of a large blob but its last. A blob of at most one part is stored whole. */
export const PART_BYTES = 1024 * 1024

const FORMAT = 1
const UPLOAD_BYTES = 16

/** What is stored of a blob of more than one part, beside its parts. */
export interface LargeBlob {
  /** Bytes of all of it. */
  readonly size: number
  /** Under which its parts lie. */
  readonly upload: UploadId
  /** Hashes of its parts, in order: what a range is verified with. */
  readonly parts: readonly BlobId[]
}

/** The record of a large blob, format version 1; drawn in docs/FORMATS.md. */
export function encodeLargeBlob({ size, upload, parts }: LargeBlob): Uint8Array {
  return b4a.concat([b4a.from([FORMAT]), c.encode(c.uint, size), upload, ...parts])
}

/** Throws `BLOB_RECORD_UNKNOWN` (a newer version wrote it) and `BLOB_DAMAGED`. */
export function decodeLargeBlob(record: Uint8Array): LargeBlob {
  if (record[0] !== FORMAT) {
    throw objectStoreError(
      'BLOB_RECORD_UNKNOWN',
      `the record of a large blob has format ${record[0]}, and this version reads ${FORMAT}; install the version that wrote it`,
    )
  }
  const state = { start: 1, end: record.byteLength, buffer: record }
  const size = readSize(state)
  const upload = record.slice(state.start, state.start + UPLOAD_BYTES)
  const ids = record.subarray(state.start + UPLOAD_BYTES)
  const count = Math.ceil(size / PART_BYTES)
  if (count < 2 || ids.byteLength !== count * ID_BYTES) throw damagedRecord()
  const parts = Array.from({ length: count }, (_, i) => ids.slice(i * ID_BYTES, (i + 1) * ID_BYTES))
  return { size, upload, parts }
}

function readSize(state: { start: number; end: number; buffer: Uint8Array }): number {
  try {
    const size = c.uint.decode(state)
    if (Number.isSafeInteger(size)) return size
  } catch (cause) {
    throw damagedRecord(cause)
  }
  throw damagedRecord()
}

function damagedRecord(cause?: unknown): Error {
  return objectStoreError(
    'BLOB_DAMAGED',
    'the record of a large blob cannot be read; fetch the index again, or mend it with fsck',
    { cause },
  )
}
