import type { Duplex } from 'node:stream'
import type { HostedContainer, HostedFigures } from '@datagram/container'
import {
  Lifecycle,
  type Password,
  type PasswordStrength,
  type Store,
  type StoreUsage,
  type WaitOptions,
} from '@datagram/log-core'
import type {
  Connection,
  ConnectOptions,
  LivePolicies,
  MultiplexerEvents,
} from '@datagram/multiplexer'
import type { Address, Listener, Swarm, SwarmOptions } from '@datagram/network'
import type { Connections, PeerInfo, WireStats } from './connections.ts'

/** Figures of a host, as they are now. */
export interface HostStats extends HostedFigures {
  /** Connections that are open. */
  readonly connections: number
  /** Bytes on the wire since the host was opened. */
  readonly wire: WireStats
}

/**
 * Somebody's datagram, kept and served without being read: a blind replica. Made by `hostDatagram`.
 *
 * It follows by itself whoever it is connected to. Every method throws `CONTAINER_CLOSED` after
 * {@link close}.
 */
export class HostedDatagram {
  readonly #store: Store
  readonly #container: HostedContainer
  readonly #connections: Connections
  readonly #lifecycle = new Lifecycle('the host', 'CONTAINER_CLOSED')

  constructor(store: Store, container: HostedContainer, connections: Connections) {
    this.#store = store
    this.#container = container
    this.#connections = connections
    // What there is to fetch is known as soon as a peer shows it.
    this.#connections.multiplexer.on('stream-attached', () => container.wake())
    this.#lifecycle.opened()
  }

  /** Lets others connect. Port 0 takes a free one; `address()` of the result is what they dial. */
  async listen(address: Address): Promise<Listener> {
    this.#lifecycle.assertOpen()
    return this.#connections.listen(address)
  }

  /** Connects to somebody who listens, and again whenever the connection is lost; resolves when both sides have said hello. */
  async connect(address: Address, wait: WaitOptions = {}): Promise<Connection> {
    this.#lifecycle.assertOpen()
    return this.#connections.dial(address, wait)
  }

  /**
   * Joins Hyperswarm, to find those who have the datagram and be found by its readers; see `Datagram.join`.
   * Throws `SWARM_UNREACHABLE`.
   */
  async join(options: SwarmOptions = {}): Promise<Swarm> {
    this.#lifecycle.assertOpen()
    return this.#connections.join([this.#container.root.key], options)
  }

  /** Carries all that is hosted over any duplex stream of bytes. One side is the `initiator`. */
  async replicate(duplex: Duplex, options: ConnectOptions): Promise<Connection> {
    this.#lifecycle.assertOpen()
    return this.#connections.replicate(duplex, options)
  }

  /** Calls back for each event of that name; returns the undo. */
  on<K extends keyof MultiplexerEvents>(
    name: K,
    listener: (...values: MultiplexerEvents[K]) => void,
  ): () => void {
    this.#lifecycle.assertOpen()
    return this.#connections.on(name, listener)
  }

  /** What is shown to peers and what is taken of them; see `Datagram.policies`. Of what it hosts a host knows no types, names or labels. */
  get policies(): LivePolicies {
    return this.#connections.multiplexer.policies
  }

  /** Who is connected now. */
  peers(): PeerInfo[] {
    this.#lifecycle.assertOpen()
    return this.#connections.peers
  }

  /**
   * Resolves when all is here that the connected peers have, as far as the quota lets it. Throws
   * `WAIT_TIMEOUT` when nobody who is connected tells of a log, within `timeoutMs` (default 30,000).
   */
  update(wait?: WaitOptions): Promise<void> {
    return this.#container.update(wait)
  }

  stats(): HostStats {
    this.#lifecycle.assertOpen()
    const { count, wire } = this.#connections
    return { ...this.#container.figures, connections: count, wire }
  }

  /** What the host takes of the disk: the blocks that it keeps, and what the store adds to them. */
  async usage(): Promise<StoreUsage> {
    this.#lifecycle.assertOpen()
    return this.#store.usage()
  }

  /** Gives the bytes of dropped blocks back to the disk. */
  async compact(): Promise<void> {
    this.#lifecycle.assertOpen()
    return this.#store.compact()
  }

  /** Sets, changes or (undefined) removes the password of the host's own key file. */
  async setPassword(next: Password | undefined, strength?: PasswordStrength): Promise<void> {
    this.#lifecycle.assertOpen()
    return this.#store.setPassword(next, strength)
  }

  /** Ends the connections and closes the store; idempotent. */
  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      try {
        await this.#connections.close()
      } finally {
        await this.#container.close().finally(() => this.#store.close())
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
