import type { Duplex } from 'node:stream'
import type { Lifecycle, WaitOptions } from '@datagram/log-core'
import type {
  Connection,
  ConnectOptions,
  LivePolicies,
  MultiplexerEvents,
} from '@datagram/multiplexer'
import type { Address, Listener } from '@datagram/network'
import type { Connections, PeerInfo } from './connections.ts'

/** What has peers: a datagram of one's own, a clone, a host. Every method throws `CONTAINER_CLOSED` after it was closed. */
export abstract class Connectable {
  readonly #connections: Connections
  readonly #lifecycle: Lifecycle

  constructor(connections: Connections, lifecycle: Lifecycle) {
    this.#connections = connections
    this.#lifecycle = lifecycle
  }

  /** Lets others connect. Port 0 takes a free one; `address()` of the result is what they dial. */
  async listen(address: Address): Promise<Listener> {
    this.#lifecycle.assertOpen()
    return this.#connections.listen(address)
  }

  /**
   * Connects to somebody who listens; resolves when both sides have said hello. When the connection is lost
   * later it is made again, after growing pauses, until this side closes it.
   */
  async connect(address: Address, wait: WaitOptions = {}): Promise<Connection> {
    this.#lifecycle.assertOpen()
    return this.#connections.dial(address, wait)
  }

  /** Carries all that is here over any duplex stream of bytes. One side is the `initiator`. */
  async replicate(duplex: Duplex, options: ConnectOptions): Promise<Connection> {
    this.#lifecycle.assertOpen()
    return this.#connections.replicate(duplex, options)
  }

  /** Calls back for each event of that name: peers that come and go, streams they offer; returns the undo. */
  on<K extends keyof MultiplexerEvents>(
    name: K,
    listener: (...values: MultiplexerEvents[K]) => void,
  ): () => void {
    this.#lifecycle.assertOpen()
    return this.#connections.on(name, listener)
  }

  /**
   * What is shown to peers and what is taken of them: `use({ offer, accept })` puts other policies in their place,
   * on live connections at once. The ready ones are exported as `policies`. Of what it hosts a host knows no
   * types, names or labels.
   */
  get policies(): LivePolicies {
    return this.#connections.multiplexer.policies
  }

  /** Who is connected now. */
  peers(): PeerInfo[] {
    this.#lifecycle.assertOpen()
    return this.#connections.peers
  }
}
