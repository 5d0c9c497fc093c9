/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'

// How long a connection may take to become a peer of a log before an update does without it.
const FIRST_PEER_MS = 1000

/**
 * Resolves when the log has a peer, or will not have one soon. A connection that was attached just now has a peer
 * a round trip later. Always a turn of the event loop, so that a caller who asks again and again does not keep
 * the answer from coming.
 */
export async function firstPeer(core: Hypercore, isAttached: boolean): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (core.peers.length > 0 || !isAttached) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, FIRST_PEER_MS)
    core.on('peer-add', done)
    function done() {
      clearTimeout(timer)
      core.off('peer-add', done)
      resolve()
    }
  })
}
