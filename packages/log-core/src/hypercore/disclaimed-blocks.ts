/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { RemotePeer } from 'hypercore'
import { BlockSet } from '../block-set.ts'
import type { BlockRange } from '../log.ts'
import { DISCLAIMER_RANGES_MAX, type Disclaimer, disclaimerMessage } from './disclaimer.ts'

/** Name of hypercore's extension message that disclaimers go in; the format's version is a part of it. */
const EXTENSION = 'datagram/disclaimed/1'
/** Ranges that are remembered of what one peer disclaims of one log; what is said beyond costs it its connection. */
const RANGES_MAX = 65_536
/** The same of all logs of one connection: some 100 MB. */
const RANGES_OF_CONNECTION_MAX = 2 ** 20

/** Ranges that each connection has had remembered. */
const rangesOf = new WeakMap<object, { count: number }>()

/** Peers that went while somebody looked, each by what it had disclaimed. */
export interface Departures {
  readonly departed: readonly BlockSet[]
  end(): void
}

/**
 * Blocks that a peer does not have and that are not to be expected of it: it has forgotten them alone, or found that
 * nobody has them. Peers tell so beside what they have, since of a block that a peer lacks nobody could tell
 * else whether it is merely not there yet.
 */
export class DisclaimedBlocks {
  readonly #core: Hypercore
  readonly #own = new BlockSet()
  readonly #theirs = new Map<RemotePeer, BlockSet>()
  readonly #watching = new Set<BlockSet[]>()
  readonly #extension: ReturnType<Hypercore['registerExtension']>

  constructor(core: Hypercore) {
    this.#core = core
    this.#extension = core.registerExtension(EXTENSION, {
      encoding: disclaimerMessage,
      onmessage: (message, peer) => this.#hear(message as Disclaimer, peer),
    })
    core.on('peer-add', (peer: RemotePeer) => {
      // Before any answer of what is here, so that who has that knows of this.
      this.#tell('disclaimed', this.#own.ranges, [peer])
    })
    core.on('peer-remove', (peer: RemotePeer) => this.#leave(peer))
  }

  /** Tells the connected peers, and those that come, that these blocks are not to be expected from here. */
  disclaim(range: BlockRange): void {
    const news = this.#own.without(range)
    this.#own.add(range)
    this.#tell('disclaimed', news, this.#core.peers)
  }

  /** Takes back what was said of these blocks. */
  claim(range: BlockRange): void {
    const said = this.#own.within(range)
    this.#own.delete(range)
    this.#tell('claimed', said, this.#core.peers)
  }

  /**
   * Whether every connected peer, and there is one, lacks the block and disclaims it, and so did those that went
   * since `departures` began.
   */
  isByAll(index: number, { departed }: Pick<Departures, 'departed'>): boolean {
    const { peers } = this.#core
    const isBy = (peer: RemotePeer) =>
      !peer._remoteHasBlock(index) && this.#theirs.get(peer)?.has(index) === true
    return peers.length > 0 && peers.every(isBy) && departed.every((one) => one.has(index))
  }

  /** Notes from now on which peers go. */
  watchDepartures(): Departures {
    const departed: BlockSet[] = []
    this.#watching.add(departed)
    return { departed, end: () => void this.#watching.delete(departed) }
  }

  #tell(what: Disclaimer['what'], ranges: readonly BlockRange[], peers: readonly RemotePeer[]) {
    for (let at = 0; at < ranges.length; at += DISCLAIMER_RANGES_MAX) {
      const message: Disclaimer = { what, ranges: ranges.slice(at, at + DISCLAIMER_RANGES_MAX) }
      for (const peer of peers) this.#extension.send(message, peer)
    }
  }

  #hear({ what, ranges }: Disclaimer, peer: RemotePeer): void {
    // A peer that is gone may have said more.
    if (!this.#core.peers.includes(peer)) return
    const set = this.#theirs.get(peer) ?? new BlockSet()
    this.#theirs.set(peer, set)
    const all = countOf(peer)
    const before = set.ranges.length
    for (const range of ranges) {
      if (what === 'disclaimed') set.add(range)
      else set.delete(range)
      if (set.ranges.length > RANGES_MAX) break
    }
    all.count += set.ranges.length - before
    if (set.ranges.length <= RANGES_MAX && all.count <= RANGES_OF_CONNECTION_MAX) return
    throw new Error('it disclaims blocks in more places than can be remembered')
  }

  #leave(peer: RemotePeer): void {
    const set = this.#theirs.get(peer) ?? new BlockSet()
    this.#theirs.delete(peer)
    countOf(peer).count -= set.ranges.length
    for (const departed of this.#watching) departed.push(set)
  }
}

function countOf({ protomux }: RemotePeer): { count: number } {
  const known = rangesOf.get(protomux) ?? { count: 0 }
  rangesOf.set(protomux, known)
  return known
}
