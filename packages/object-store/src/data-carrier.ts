import type { JsonValue } from '@datagram/descriptors'
import type { WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { BlobContent } from './content-parts.ts'
import { assertEntryName } from './entry-name.ts'
import { isNamedHash, type NamedHash } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'
import type { StoredObject } from './stored-object.ts'

/** The type of data carriers: a string without a meaning in any language, so that nobody comes to regret it. */
export const DATA_CARRIER_TYPE = 'b9a1b04f-b27d-4c3f-893a-1614221c36fc'

/** What a data carrier carries: the kind of its payload. */
export type PayloadType = 'Text' | 'Url' | 'File' | 'Directory'

/** A version of a data carrier: what is carried is under `payload`, and `payloadType` says what it is. */
export interface DataCarrier extends StoredObject {
  readonly payloadType: PayloadType
  /**
   * `Text`, `Url`: a blob of UTF-8. `File`: a blob of JSON, `{"data":"SHA256-…","extension":".png"}`.
   * `Directory`: an Aion point.
   */
  readonly payload: NamedHash
}

/** What is given to be carried. */
export type PayloadContent =
  | { readonly type: 'Text'; readonly text: string }
  | { readonly type: 'Url'; readonly url: string }
  | {
      readonly type: 'File'
      readonly content: BlobContent
      /** As `path.extname` gives it, with the dot; default none. */
      readonly extension?: string | undefined
    }
  | { readonly type: 'Directory'; readonly aionPoint: NamedHash }
  /** What is in the store already, as `DataCarrier.payload` names it. */
  | { readonly type: PayloadType; readonly stored: NamedHash }

/** What is carried, as far as it is small: a file's content and a tree are read from the store. */
export type Payload =
  | { readonly type: 'Text'; readonly text: string }
  | { readonly type: 'Url'; readonly url: string }
  | { readonly type: 'File'; readonly data: NamedHash; readonly extension: string }
  | { readonly type: 'Directory'; readonly aionPoint: NamedHash }

/** A new version of a data carrier. */
export interface CarrierDraft {
  /** Default: that of a new carrier. */
  readonly objectId?: string | undefined
  /** As in `Objects.commit`. */
  readonly previous?: readonly NamedHash[] | undefined
  readonly payload: PayloadContent
  /** Whatever else the object is to hold, such as a title. */
  readonly fields?: Readonly<Record<string, JsonValue>> | undefined
}

const types: readonly unknown[] = ['Text', 'Url', 'File', 'Directory'] satisfies PayloadType[]

/** Whether `value` is a kind of payload. */
export const isPayloadType = (value: unknown): value is PayloadType => types.includes(value)

// A payload that is read whole: text that a person writes, or the few bytes of a File.
const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024

/** A version as a data carrier; undefined when it is none. Throws `CARRIER_MALFORMED`. */
export function carrierOf(version: StoredObject): DataCarrier | undefined {
  if (version.type !== DATA_CARRIER_TYPE) return undefined
  const { payloadType, payload } = version.content
  if (!isPayloadType(payloadType)) {
    throw malformed(version.namedHash, 'its payload is of no known type')
  }
  if (!isNamedHash(payload)) throw malformed(version.namedHash, 'its payload is no named hash')
  return { ...version, payloadType, payload }
}

/** The JSON of the payload of a file; its keys and their order are pinned in docs/FORMATS.md. */
export function encodeFilePayload(data: NamedHash, extension: string): Uint8Array {
  assertExtension(extension)
  return b4a.from(JSON.stringify({ data, extension }))
}

/** Where the bytes of a payload come from: undefined when they are not here. */
export type ReadBlob = (
  namedHash: NamedHash,
  options: WaitOptions & { readonly end: number },
) => Promise<Uint8Array | undefined>

/** What a carrier carries. Throws `CARRIER_MALFORMED`, `BLOB_NOT_FOUND`. */
export async function readPayload(
  { namedHash, payloadType, payload }: DataCarrier,
  read: ReadBlob,
  wait: WaitOptions = {},
): Promise<Payload> {
  if (payloadType === 'Directory') return { type: payloadType, aionPoint: payload }
  const bytes = await read(payload, { ...wait, end: PAYLOAD_BYTES_MAX + 1 })
  if (bytes === undefined) {
    throw objectStoreError(
      'BLOB_NOT_FOUND',
      `${payload} is not here; pull from a store that has it`,
      {
        details: { namedHash: payload },
      },
    )
  }
  if (bytes.byteLength > PAYLOAD_BYTES_MAX) throw malformed(namedHash, 'its payload is too large')
  const text = textOf(namedHash, bytes)
  if (payloadType === 'Text') return { type: payloadType, text }
  if (payloadType === 'Url') return { type: payloadType, url: text }
  return { type: payloadType, ...filePayload(namedHash, text) }
}

function filePayload(namedHash: NamedHash, text: string) {
  try {
    const { data, extension } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (!isNamedHash(data)) throw malformed(namedHash, 'its file names no data')
    assertExtension(extension)
    return { data, extension }
  } catch (cause) {
    throw malformed(namedHash, 'its file cannot be read', cause)
  }
}

// It becomes the end of a file's name, so it must not lead anywhere.
function assertExtension(extension: unknown): asserts extension is string {
  if (extension === '') return
  if (typeof extension !== 'string' || !/^\.[^.]/.test(extension)) {
    throw new TypeError("an extension is '' or begins with a dot, as path.extname gives it")
  }
  assertEntryName(`file${extension}`)
}

function textOf(namedHash: NamedHash, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw malformed(namedHash, 'its payload is no UTF-8', cause)
  }
}

function malformed(namedHash: NamedHash, why: string, cause?: unknown): Error {
  return objectStoreError(
    'CARRIER_MALFORMED',
    `${namedHash} is no data carrier that can be read: ${why}; look at an older version, and commit a new one`,
    { cause, details: { namedHash, why } },
  )
}
