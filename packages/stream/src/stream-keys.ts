import { deriveKey } from '@datagram/log-core'

const STREAM_KEY_BYTES = 32

/** The cipher keys of a stream's two logs, 32 bytes each. */
export interface StreamKeys {
  readonly dataKey: Uint8Array
  readonly indexKey: Uint8Array
}

/**
 * The cipher keys of a stream's logs, from the stream's own key (32 bytes): whoever is given that key
 * reads both. Keyed BLAKE2b under the labels `datagram/1/data` and `datagram/1/index`.
 */
export function streamKeys(streamKey: Uint8Array): StreamKeys {
  if (!(streamKey instanceof Uint8Array) || streamKey.byteLength !== STREAM_KEY_BYTES) {
    throw new TypeError(`a stream's key has ${STREAM_KEY_BYTES} bytes`)
  }
  return {
    dataKey: deriveKey(streamKey, 'datagram/1/data'),
    indexKey: deriveKey(streamKey, 'datagram/1/index'),
  }
}
