/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { RemotePeer } from 'hypercore'
import type { BlockRange } from '../log.ts'
import { guardPeer } from './guarded-peer.ts'
import { keepKnownBlocks } from './mended-drop.ts'

// One want covers so many blocks, and one answer to it so many.
const WANT_BLOCKS = 2 ** 21
const ANSWER_BLOCKS = 2 ** 15

// A want is held by who waits for blocks of it; this one is for the whole life of a connection.
const forever = { addWant: () => undefined, removeWant: () => undefined }

/**
 * What the connected peers have of a log, as far as they have said.
 *
 * A peer says by itself how long its log is and how far it has it without a gap. What it has beyond a gap it
 * says when it is asked, and every change from then on: so each peer is asked as soon as it is there. Authors
 * drop blocks and replicas take only some, so most have gaps; and a replica hears of lengths long before it
 * has the blocks, if it ever does.
 */
export class PeerBlocks {
  readonly #core: Hypercore
  /** For each peer, what ends its guard. */
  readonly #guards = new Map<RemotePeer, () => void>()

  constructor(core: Hypercore) {
    this.#core = core
    const begin = (peer: RemotePeer) => {
      keepKnownBlocks(peer)
      this.#guards.set(peer, guardPeer(core, peer))
      if (!core.writable) peer._maybeWant(0, forever)
    }
    core.on('peer-add', begin)
    core.on('peer-remove', (peer: RemotePeer) => {
      this.#guards.get(peer)?.()
      this.#guards.delete(peer)
    })
    for (const peer of core.peers) begin(peer)
  }

  /** Asks the peers what they have also of a log of one's own, until the returned function is called. */
  ask(): () => void {
    const core = this.#core
    const begin = (peer: RemotePeer) => peer._maybeWant(0, forever)
    core.on('peer-add', begin)
    for (const peer of core.peers) begin(peer)
    return () => {
      core.off('peer-add', begin)
    }
  }

  /** How many connected peers have said that they have any block of a range. */
  holders({ start, end }: BlockRange): number {
    return this.#core.peers.filter((peer) => {
      for (let index = start; index < end; index++) if (peer._remoteHasBlock(index)) return true
      return false
    }).length
  }

  /** Whether a connected peer has said that it has the block. */
  has(index: number): boolean {
    return this.#core.peers.some((peer) => peer._remoteHasBlock(index))
  }

  /** Whether each connected peer, and there is one, has said whether it has the block. */
  isSettled(index: number): boolean {
    const { peers } = this.#core
    return peers.length > 0 && peers.every((peer) => hasSaid(peer, index))
  }

  /** Whether it is known that no connected peer has the block. */
  lacks(index: number): boolean {
    return this.isSettled(index) && !this.has(index)
  }
}

function hasSaid(peer: RemotePeer, index: number): boolean {
  if (peer._remoteHasBlock(index)) return true
  if (!peer.remoteSynced) return false
  if (index >= peer.remoteLength || peer.remoteContiguousLength >= peer.remoteLength) return true
  const { wireBitfield, wireData } = peer.stats
  // It was asked first, so what it answers to anything else comes behind.
  if (index < WANT_BLOCKS && wireData.rx > 0) return true
  // Answers come one for each part of the log in which the peer has anything, in order.
  const answers = Math.ceil(Math.min(peer.remoteLength, WANT_BLOCKS) / ANSWER_BLOCKS)
  return index < WANT_BLOCKS && wireBitfield.rx >= answers
}
