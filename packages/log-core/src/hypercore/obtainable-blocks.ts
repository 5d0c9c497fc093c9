/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { RemotePeer } from 'hypercore'
import type { BlockRange } from '../log.ts'

/**
 * Blocks that are not here, not forgotten, and that a connected peer has said to have, in order; at most `limit` of
 * them. `forgottenTo`: where the forgotten blocks around one end; undefined where it is not forgotten.
 */
export function obtainableBlocks(
  core: Hypercore,
  limit: number,
  forgottenTo: (index: number) => number | undefined,
): BlockRange[] {
  const { peers, length } = core
  const { bitfield } = core.core
  const ranges: BlockRange[] = []
  let left = limit
  const isWanted = (index: number) =>
    !bitfield.get(index) && isOnPeer(peers, index) && forgottenTo(index) === undefined
  let index = nextObtainable(core, 0)
  while (index < length && left > 0) {
    const start = index
    while (index < length && left > 0 && isWanted(index)) {
      index++
      left--
    }
    if (index > start) ranges.push({ start, end: index })
    index = nextObtainable(core, forgottenTo(index) ?? index)
  }
  return ranges
}

// The first block from `from` on that is missing here and there on a peer, or the log's length. Long holes, as
// an index leaves them behind, are skipped by the bitfields.
function nextObtainable({ core, peers, length }: Hypercore, from: number): number {
  let index = from
  for (;;) {
    const missing = core.bitfield.firstUnset(index)
    if (missing === -1 || missing >= length) return length
    const there = Math.min(length, ...peers.map((peer) => firstOnPeer(peer, missing)))
    if (there >= length || !core.bitfield.get(there)) return there
    index = there
  }
}

function isOnPeer(peers: readonly RemotePeer[], index: number): boolean {
  return peers.some((peer) => peer._remoteHasBlock(index))
}

function firstOnPeer(peer: RemotePeer, from: number): number {
  if (peer._remoteHasBlock(from)) return from
  const first = peer.remoteBitfield.firstSet(from)
  return first === -1 ? Number.POSITIVE_INFINITY : first
}
