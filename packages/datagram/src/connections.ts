import type { Duplex } from 'node:stream'
import type { WaitOptions } from '@datagram/log-core'
import {
  type Connection,
  type ConnectOptions,
  createMultiplexer,
  type Multiplexer,
  type MultiplexerOptions,
} from '@datagram/multiplexer'
import { type Address, dial, type Listener, listen } from '@datagram/network'
import type { Replicated } from './replicated.ts'

/** Bytes on the wire, as the transport carried them, both handshake and framing included. */
export interface WireStats {
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A peer that this datagram is connected to. */
export interface PeerInfo {
  /** The key that the peer has shown in the handshake, 32 bytes: its own while it is open. */
  readonly publicKey: Uint8Array
  /** Whether it has proved to have the link to this datagram. */
  readonly provedRoot: boolean
  readonly wire: WireStats
}

/** The connections of one container: who listens, who was dialled, what crossed the wire. */
export class Connections {
  readonly multiplexer: Multiplexer
  readonly #replicated: Replicated
  readonly #listeners = new Set<Listener>()
  readonly #open = new Set<Connection>()
  #preparing: Promise<void> | undefined
  #past: WireStats = { bytesIn: 0, bytesOut: 0 }

  constructor(replicated: Replicated, options: MultiplexerOptions) {
    this.#replicated = replicated
    this.multiplexer = createMultiplexer(replicated, options)
  }

  /** Listens at an address until it is closed, or the datagram is. */
  async listen(address: Address): Promise<Listener> {
    await this.#prepare()
    const listener = await listen(address, (duplex) => {
      this.#connect(duplex, { initiator: false })
    })
    this.#listeners.add(listener)
    return listener
  }

  /** Dials an address; resolves when both sides have said hello. */
  async dial(address: Address, wait: WaitOptions): Promise<Connection> {
    await this.#prepare()
    const connection = this.#connect(await dial(address, wait), { initiator: true })
    await connection.ready(wait)
    return connection
  }

  /** Carries the container over any duplex stream of bytes. */
  async replicate(duplex: Duplex, options: ConnectOptions): Promise<Connection> {
    await this.#prepare()
    return this.#connect(duplex, options)
  }

  get count(): number {
    return this.#open.size
  }

  get wire(): WireStats {
    let { bytesIn, bytesOut } = this.#past
    for (const { statistics } of this.#open) {
      bytesIn += statistics.rawBytesIn
      bytesOut += statistics.rawBytesOut
    }
    return { bytesIn, bytesOut }
  }

  get peers(): PeerInfo[] {
    return [...this.#open].flatMap(({ peer, statistics }) => {
      if (peer === undefined) return []
      const wire = { bytesIn: statistics.rawBytesIn, bytesOut: statistics.rawBytesOut }
      return [{ publicKey: peer.publicKey, provedRoot: peer.provedRoot, wire }]
    })
  }

  async close(): Promise<void> {
    const listeners = [...this.#listeners].map((listener) => listener.close())
    await Promise.all([...listeners, this.multiplexer.close()])
  }

  // Every stream's logs are opened when the first connection may come, not before.
  #prepare(): Promise<void> {
    this.#preparing ??= this.#replicated.prepare().catch((error: unknown) => {
      this.#preparing = undefined
      throw error
    })
    return this.#preparing
  }

  #connect(duplex: Duplex, options: ConnectOptions): Connection {
    const connection = this.multiplexer.connect(duplex, options)
    this.#open.add(connection)
    // `closed` never rejects.
    void connection.closed.then(() => {
      this.#open.delete(connection)
      const { rawBytesIn, rawBytesOut } = connection.statistics
      const { bytesIn, bytesOut } = this.#past
      this.#past = { bytesIn: bytesIn + rawBytesIn, bytesOut: bytesOut + rawBytesOut }
    })
    return connection
  }
}
