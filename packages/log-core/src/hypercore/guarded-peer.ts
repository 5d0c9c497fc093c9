/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { RemotePeer } from 'hypercore'

/** Blocks that a log may have, as far as a peer's word goes. At one a millisecond it takes 50 days. */
const LOG_BLOCKS_MAX = 2 ** 32
// Hypercore keeps what a peer says to have beyond a gap in pages of so many blocks, 4 KiB each, twice.
const PAGE_BLOCKS = 2 ** 15
/** Such pages that one connection may fill, over all its logs: 128 MiB, for 500 million blocks. */
const PAGES_MAX = 2 ** 14

/** Pages that each connection has filled; what a peer's logs have filled goes when they are detached. */
const pagesOf = new WeakMap<object, { count: number }>()

/**
 * Looks at what a peer says on a log's channel before hypercore 11.37.1 does, which takes some of it as it
 * comes. What no honest peer says throws, and that costs the peer its connection:
 *
 * - A request for a hash beyond the log's end, with a seek, leaves a read of the engine open for ever, and
 *   the engine then never closes.
 * - A request that cannot be answered is let wait for seconds, one behind the other where the peer has asked
 *   for pushes (which nobody does here), and the log's channel waits for them when it is closed.
 * - A range or bitfield far beyond any log takes memory for each page up to there, or time.
 *
 * Call what it returns when the peer is gone.
 */
export function guardPeer(core: Hypercore, peer: RemotePeer): () => void {
  const pages = new ClaimedPages(peer.protomux)
  const { onrequest, onsync, onrange, onbitfield, onwant } = peer
  peer.onrequest = (request) => {
    assertAnswerable(request, core.length)
    return onrequest.call(peer, request)
  }
  peer.onsync = (sync) => {
    assertBlocks(Math.max(sync.length, sync.remoteLength))
    return onsync.call(peer, { ...sync, allowPush: false })
  }
  peer.onrange = (range) => {
    const { drop, start, length } = range
    assertBlocks(start + length)
    if (start > 0 && !drop) pages.claim(start, start + length)
    return onrange.call(peer, range)
  }
  peer.onbitfield = (message) => {
    const { start, bitfield } = message
    const end = start + bitfield.byteLength * 8
    assertBlocks(end)
    pages.claim(start, end)
    return onbitfield.call(peer, message)
  }
  peer.onwant = (range) => {
    assertBlocks(range.start + range.length)
    return onwant.call(peer, range)
  }
  return () => pages.release()
}

/** What hypercore's request message asks for, as far as it is looked at. */
export interface LogRequest {
  readonly hash: { readonly index: number } | null
  readonly upgrade: { readonly start: number; readonly length: number } | null
}

function assertAnswerable({ hash, upgrade }: LogRequest, length: number): void {
  // Leaves have even numbers in the tree, twice those of their blocks.
  if (hash !== null && hash.index >= 2 * length) {
    throw new Error(`it asks for hash ${hash.index} of a log of ${length} blocks`)
  }
  if (upgrade === null || length === 0) return
  const end = upgrade.start + upgrade.length
  if (upgrade.length === 0 || end > length) {
    throw new Error(`it asks for blocks up to ${end} of a log of ${length}`)
  }
}

function assertBlocks(count: number): void {
  if (count <= LOG_BLOCKS_MAX) return
  throw new Error(`it speaks of ${count} blocks, more than a log can have`)
}

/** Pages that one peer has filled of one log, counted with those of its other logs. */
class ClaimedPages {
  readonly #all: { count: number }
  readonly #ours = new Set<number>()

  constructor(muxer: object) {
    this.#all = pagesOf.get(muxer) ?? { count: 0 }
    pagesOf.set(muxer, this.#all)
  }

  claim(start: number, end: number): void {
    const last = Math.floor(Math.max(start, end - 1) / PAGE_BLOCKS)
    for (let page = Math.floor(start / PAGE_BLOCKS); page <= last; page++) {
      if (this.#ours.has(page)) continue
      if (this.#all.count >= PAGES_MAX) {
        throw new Error('it says to have blocks in more places than can be remembered')
      }
      this.#all.count++
      this.#ours.add(page)
    }
  }

  release(): void {
    this.#all.count -= this.#ours.size
    this.#ours.clear()
  }
}
