import type { HostedContainer, HostedFigures } from '@datagram/container'
import {
  Lifecycle,
  type Password,
  type PasswordStrength,
  type Store,
  type StoreUsage,
  type WaitOptions,
} from '@datagram/log-core'
import type { Swarm, SwarmOptions } from '@datagram/network'
import { Connectable } from './connectable.ts'
import type { Connections, WireStats } from './connections.ts'

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
export class HostedDatagram extends Connectable {
  readonly #store: Store
  readonly #container: HostedContainer
  readonly #connections: Connections
  readonly #lifecycle: Lifecycle

  constructor(store: Store, container: HostedContainer, connections: Connections) {
    const lifecycle = new Lifecycle('the host', 'CONTAINER_CLOSED')
    super(connections, lifecycle)
    this.#store = store
    this.#container = container
    this.#connections = connections
    this.#lifecycle = lifecycle
    // What there is to fetch is known as soon as a peer shows it.
    this.#connections.multiplexer.on('stream-attached', () => container.wake())
    this.#lifecycle.opened()
  }

  /**
   * Joins Hyperswarm, to find those who have the datagram and be found by its readers; see `Datagram.join`.
   * Throws `SWARM_UNREACHABLE`.
   */
  async join(options: SwarmOptions = {}): Promise<Swarm> {
    this.#lifecycle.assertOpen()
    return this.#connections.join([this.#container.root.key], options)
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
