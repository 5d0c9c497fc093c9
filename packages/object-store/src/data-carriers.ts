import type { ReadOptions, WaitOptions } from '@datagram/stream'
import type { BlobContent } from './content-parts.ts'
import {
  carrierOf,
  type CarrierDraft,
  DATA_CARRIER_TYPE,
  type DataCarrier,
  encodeFilePayload,
  type Payload,
  type PayloadContent,
  type PayloadType,
  readPayload,
} from './data-carrier.ts'
import { idOf, type NamedHash } from './named-hash.ts'
import type { ObjectDraft } from './object-draft.ts'
import type { StoredObject } from './stored-object.ts'

/** What data carriers need of the store that they lie in. */
export interface CarrierStore {
  putBlob(content: BlobContent, wait?: WaitOptions): Promise<NamedHash>
  getBlob(namedHash: NamedHash, options?: ReadOptions): Promise<Uint8Array | undefined>
  commit(draft: ObjectDraft, wait?: WaitOptions): Promise<StoredObject>
  current(objectId: string, wait?: WaitOptions): Promise<StoredObject | undefined>
  versions(objectId: string, wait?: WaitOptions): AsyncIterable<StoredObject>
  objects(options: WaitOptions & { readonly type: string }): AsyncIterable<StoredObject>
}

/** The data carriers of a store: texts, addresses, files and directories with all of their versions. */
export class DataCarriers {
  readonly #store: CarrierStore

  constructor(store: CarrierStore) {
    this.#store = store
  }

  /**
   * Makes a new version of a carrier, or a new carrier; the payload may be of another type than before. Its
   * content is stored first, then the version in one write.
   */
  async commit(
    { objectId, previous, payload, fields }: CarrierDraft,
    wait?: WaitOptions,
  ): Promise<DataCarrier> {
    const { type: payloadType } = payload
    const namedHash = await this.put(payload, wait)
    const draft = { ...fields, objectId, previous, payloadType, payload: namedHash }
    const version = await this.#store.commit({ ...draft, type: DATA_CARRIER_TYPE }, wait)
    return { ...version, payloadType, payload: namedHash }
  }

  /** The current version of a carrier; undefined when there is none. Throws `CARRIER_MALFORMED`. */
  async current(objectId: string, wait?: WaitOptions): Promise<DataCarrier | undefined> {
    const version = await this.#store.current(objectId, wait)
    return version && carrierOf(version)
  }

  /** All versions of a carrier, the newest first. */
  async *history(
    objectId: string,
    wait?: WaitOptions,
  ): AsyncGenerator<DataCarrier, void, undefined> {
    for await (const version of this.#store.versions(objectId, wait)) {
      const carrier = carrierOf(version)
      if (carrier !== undefined) yield carrier
    }
  }

  /** The current version of each carrier, of those with a type of payload if one is given. */
  async *list({
    payloadType,
    ...wait
  }: WaitOptions & { readonly payloadType?: PayloadType | undefined } = {}): AsyncGenerator<
    DataCarrier,
    void,
    undefined
  > {
    for await (const version of this.#store.objects({ type: DATA_CARRIER_TYPE, ...wait })) {
      const carrier = carrierOf(version)
      const isWanted = payloadType === undefined || carrier?.payloadType === payloadType
      if (carrier !== undefined && isWanted) yield carrier
    }
  }

  /**
   * What a version carries: the text or address itself, of a file where its content is, of a directory its
   * Aion point. Throws `CARRIER_MALFORMED`, `BLOB_NOT_FOUND`.
   */
  async read(carrier: DataCarrier, wait?: WaitOptions): Promise<Payload> {
    return readPayload(carrier, (name, options) => this.#store.getBlob(name, options), wait)
  }

  /** Stores what is to be carried, and gives the named hash that a version has as its payload. */
  async put(payload: PayloadContent, wait?: WaitOptions): Promise<NamedHash> {
    if ('stored' in payload) {
      idOf(payload.stored)
      return payload.stored
    }
    switch (payload.type) {
      case 'Text':
        return this.#store.putBlob(payload.text, wait)
      case 'Url':
        return this.#store.putBlob(payload.url, wait)
      case 'Directory':
        idOf(payload.aionPoint)
        return payload.aionPoint
      case 'File': {
        const { content, extension = '' } = payload
        // Before the content, which may be long.
        encodeFilePayload('', extension)
        const data = await this.#store.putBlob(content, wait)
        return this.#store.putBlob(encodeFilePayload(data, extension), wait)
      }
      default:
        throw new TypeError("a payload is of type 'Text', 'Url', 'File' or 'Directory'")
    }
  }
}
