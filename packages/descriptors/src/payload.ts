import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Definition } from './definition.ts'
import { VERSION_MAX } from './definition-limits.ts'
import { descriptorError } from './descriptor-errors.ts'
import type { RecordKind } from './kinds/record.ts'

/*
 * The payload, which is a value's bytes. Which definition it is of is said beside it, by name or id.
 *
 *   offset  size  field
 *   0       1–3   version of the definition it was written with, varint, 1–65,535
 *   …       …     body: number of fields, bits of the optional ones, fields (kinds/record.ts)
 */

let idle: ByteWriter | undefined

/** The payload of a value; throws `misfit` when the value does not fit. */
export function writePayload(record: RecordKind, version: number, value: unknown): Uint8Array {
  // A getter of the value may come back here, so that a writer in use is taken away.
  const out = idle ?? new ByteWriter()
  idle = undefined
  try {
    out.uint(version)
    record.writeBody(out, value)
    return out.finish()
  } finally {
    out.cancel()
    idle = out
  }
}

/** The value of a payload. Throws `DATA_DAMAGED`, `DESCRIPTOR_VERSION_NEWER` or `DESCRIPTOR_VERSION_OLDER`. */
export function readPayload(
  record: RecordKind,
  { name, version }: Definition,
  bytes: Uint8Array,
): Record<string, unknown> {
  const from = new ByteReader(bytes, name)
  const written = readVersion(from)
  if (written !== version) throw versionError(name, version, written, bytes)
  return record.readBody(from)
}

/**
 * Version of the definition that a payload was written with: which descriptor of a registry to read it
 * with. Throws `DATA_DAMAGED`.
 */
export function payloadVersion(bytes: Uint8Array): number {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('payloadVersion takes a Uint8Array')
  return readVersion(new ByteReader(bytes, 'value of a descriptor'))
}

function readVersion(from: ByteReader): number {
  const version = from.uint()
  if (version < 1 || version > VERSION_MAX) throw from.damaged('no definition has this version', 0)
  return version
}

function versionError(name: string, known: number, version: number, raw: Uint8Array): Error {
  const newer = version > known
  const remedy = newer
    ? `get version ${version} of the definition, from the stream that the bytes came with`
    : `read them with a descriptor of version ${version} and bring the value up to date`
  return descriptorError(
    newer ? 'DESCRIPTOR_VERSION_NEWER' : 'DESCRIPTOR_VERSION_OLDER',
    `the bytes are of version ${version} of ${name}, and this descriptor is of version ${known}; ${remedy}, or keep them as they are (details.raw)`,
    { details: { name, version, known, raw } },
  )
}
