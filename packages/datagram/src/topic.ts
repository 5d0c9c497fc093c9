import { deriveKey } from '@datagram/log-core'

/**
 * Where in a swarm those meet who know a stream: a hash of the public key of its indexer log (of the
 * container's own stream, for a datagram), from which the key does not follow. 32 bytes.
 */
export function topicOf(key: Uint8Array): Uint8Array {
  return deriveKey(key, 'datagram/1/topic')
}
