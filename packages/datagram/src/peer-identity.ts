import type { Store } from '@datagram/log-core'
import type { MultiplexerOptions } from '@datagram/multiplexer'

/** How this side is known to its peers. */
export interface PeerKeyOptions {
  /**
   * `kept`, the default: peers know this folder again by the same key whenever they meet it, and notice when it was put
   * back from an old copy. `fresh`: a new key at each opening, so that nobody can tell that it was the same folder.
   */
  readonly peerKey?: 'kept' | 'fresh' | undefined
}

const LABEL = 'datagram/1/peer'
const FILE = 'peers'

/** Throws a TypeError for what is no choice of a key. */
export function assertPeerKey(peerKey: unknown): void {
  if (peerKey === undefined || peerKey === 'kept' || peerKey === 'fresh') return
  throw new TypeError("peerKey is 'kept' or 'fresh'")
}

/** The options of a multiplexer with the key of a store, and the memory of peers that is kept in it. */
export async function identified(
  store: Store,
  { peerKey = 'kept', ...options }: MultiplexerOptions & PeerKeyOptions,
): Promise<MultiplexerOptions> {
  const saved = await store.readSealed(FILE).catch((error: unknown) => {
    options.logger?.warn('what peers had before cannot be read; it is heard anew', { error })
    return undefined
  })
  const peerMemory = { saved, save: (bytes: Uint8Array) => store.writeSealed(FILE, bytes) }
  const own = peerKey === 'kept' ? store.keyPair(LABEL) : undefined
  return { ...options, keyPair: options.keyPair ?? own, peerMemory }
}
