import type { Index } from '@datagram/indexer'
import type { BodyReader } from './body-reader.ts'
import { contentsKey, decodeContents } from './contents-entry.ts'
import { fieldKeys, hasIndexedFields } from './field-index.ts'
import type { StreamTypes } from './stream-type.ts'

/** Where the fields of a stored object are found. */
export interface StoredFieldsContext {
  readonly parts: { readonly index: Index }
  readonly bodies: BodyReader
  readonly types: StreamTypes
}

/**
 * The keys that the index of fields has of object `n`, out of its body; undefined when the table of contents
 * does not have the object (yet).
 */
export async function storedFieldKeys(
  { parts, bodies, types }: StoredFieldsContext,
  n: number,
): Promise<Uint8Array[] | undefined> {
  const entry = await parts.index.get(contentsKey(n))
  if (entry === undefined) return undefined
  const { descriptor: number, place } = decodeContents(entry)
  const descriptor = (await types.get(number))?.descriptor
  const isIndexed = descriptor !== undefined && hasIndexedFields(descriptor.definition)
  if (place === undefined || !isIndexed) return []
  const body = await bodies.read(place)
  let value: unknown
  try {
    value = descriptor.decode(body)
  } catch {
    // It could not be read when it was appended either, and so has no fields in the index.
    return []
  }
  return fieldKeys(number, descriptor.definition, value, n)
}
