/// <reference path="./declarations.d.ts" />
import type { RemotePeer } from 'hypercore'

/**
 * Keeps what is known of a peer's blocks when it tells that it dropped some.
 *
 * Of a peer that has its log without a gap hypercore remembers one number; when that peer drops a block amid
 * them, the number becomes the block's, and all that lies above counts as never heard of. It asks anew only
 * where it has not asked before: a block that is there is then never requested.
 */
export function keepKnownBlocks(peer: RemotePeer): void {
  const original = peer.onrange.bind(peer)
  peer.onrange = (range) => {
    const known = peer._remoteContiguousLength
    if (range.drop && range.start < known) peer.remoteBitfield.setRange(0, known, true)
    return original(range)
  }
}
