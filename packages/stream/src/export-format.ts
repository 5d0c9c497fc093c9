import { streamError } from './stream-errors.ts'

/*
 * An export of objects: a folder that people and other programs can read.
 *
 *   objects.jsonl            a line for the format, one for each object in order, one for the end
 *   definitions/<id>.json    a definition as JSON; <id>: its SHA-256 in hexadecimal
 *   definitions/<id>.bin     the bytes of one that this version cannot read
 *   blobs/<n>.bin            the body of object n
 *   blobs/<n>.<i>.bin        field i, from 0, of object n, when it is bytes and large
 *
 * The lines:
 *
 *   { "format": "datagram-objects", "version": 1 }
 *   { "n": 0, "bytes": "aGVsbG8=" }                   plain bytes in base64; large ones: "blob": "blobs/0.bin"
 *   { "n": 1, "type": "File", "version": 1, "definition": "<id>",
 *     "data": { "name": "a.png" }, "blobs": { "content": "blobs/1.7.bin" } }
 *   { "n": 2, "type": …, "definition": "<id>", "bytes": … }    a body that its definition does not read
 *   { "objects": 3 }
 */
export const FORMAT = 'datagram-objects'
export const FORMAT_VERSION = 1
export const OBJECTS_FILE = 'objects.jsonl'
export const DEFINITIONS_FOLDER = 'definitions'
export const BLOBS_FOLDER = 'blobs'
/** Bytes up to this many stand in their line, in base64. */
export const LINE_BYTES_MAX = 1024

const blobName = /^blobs\/\d{1,16}(\.\d{1,4})?\.bin$/
const idText = /^[0-9a-f]{64}$/

/** How many objects were written, and how many bytes their bodies have. */
export interface ExportSummary {
  readonly objects: number
  readonly bytes: number
}

/** Whether this names a blob as an export does, and so lies within the export. */
export function isBlobName(name: unknown): name is string {
  return typeof name === 'string' && blobName.test(name)
}

/** Whether this is the id of a definition in hexadecimal. */
export function isIdText(text: unknown): text is string {
  return typeof text === 'string' && idText.test(text)
}

/** The error of an export that cannot be imported; `where`: the file, and the line in it. */
export function exportDamaged(where: string, why: string, cause?: unknown): Error {
  return streamError(
    'EXPORT_DAMAGED',
    `${where} of the export cannot be read: ${why}; export again, or mend it there`,
    { details: { where }, ...(cause === undefined ? {} : { cause }) },
  )
}
