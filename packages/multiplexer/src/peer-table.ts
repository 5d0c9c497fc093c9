import type { MultiplexerLimits } from './limits.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { Pace, type Paces } from './pace.ts'
import { idKey } from './stream-directory.ts'

/** A connection, as far as its peer's other connections concern it. */
export interface ConnectionOfPeer {
  fail(reason: Error): void
}

interface KnownPeer {
  readonly paces: Paces
  /** Oldest first. */
  readonly connections: Set<ConnectionOfPeer>
}

/** Who is connected, by the keys that they show: what several connections of one peer share. */
export class PeerTable {
  readonly #limits: MultiplexerLimits
  readonly #peers = new Map<string, KnownPeer>()

  constructor(limits: MultiplexerLimits) {
    this.#limits = limits
  }

  /** Counts a connection with its peer's others, and gives the limits that they share. The oldest gives way. */
  join(peerKey: Uint8Array, connection: ConnectionOfPeer): Paces {
    const { bytesPerSecondIn, bytesPerSecondOut, connectionsPerPeerMax } = this.#limits
    const key = idKey(peerKey)
    const peer = this.#peers.get(key) ?? {
      paces: { in: new Pace(bytesPerSecondIn), out: new Pace(bytesPerSecondOut) },
      connections: new Set(),
    }
    this.#peers.set(key, peer)
    const [oldest] = peer.connections
    if (peer.connections.size >= connectionsPerPeerMax)
      oldest?.fail(replaced(connectionsPerPeerMax))
    peer.connections.add(connection)
    return peer.paces
  }

  /** The connection is over. */
  leave(peerKey: Uint8Array, connection: ConnectionOfPeer): void {
    const key = idKey(peerKey)
    const peer = this.#peers.get(key)
    peer?.connections.delete(connection)
    if (peer?.connections.size === 0) this.#peers.delete(key)
  }
}

function replaced(connectionsPerPeerMax: number): Error {
  return multiplexerError(
    'CONNECTION_REPLACED',
    `the peer has connected more than ${connectionsPerPeerMax} times, so its oldest connection is closed; its newer ones go on`,
    { details: { connectionsPerPeerMax } },
  )
}
