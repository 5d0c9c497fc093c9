import type { Duplex } from 'node:stream'
import type { WaitOptions } from '@datagram/log-core'
import {
  type Connection,
  type ConnectOptions,
  createMultiplexer,
  type Multiplexer,
  type MultiplexerEvents,
  type MultiplexerOptions,
  type StreamStatistics,
} from '@datagram/multiplexer'
import {
  type Address,
  dial,
  joinSwarm,
  type Listener,
  listen,
  type Swarm,
  type SwarmOptions,
} from '@datagram/network'
import b4a from 'b4a'
import { keepUp } from './keep-up.ts'
import type { Replicated } from './replicated.ts'
import { topicOf } from './topic.ts'

/** Bytes on the wire, as the transport carried them, both handshake and framing included. */
export interface WireStats {
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A peer that this datagram is connected to; one, whatever number of ways lead to it. */
export interface PeerInfo {
  /** The key that the peer has shown in the handshake, 32 bytes: its folder's, or new at each opening (`peerKey`). */
  readonly publicKey: Uint8Array
  /** Whether it has proved to have the link to this datagram. */
  readonly provedRoot: boolean
  /** Connections to it. */
  readonly connections: number
  readonly wire: WireStats
  /** What has crossed for each stream that one of the two sides has spoken of. */
  readonly streams: readonly StreamStatistics[]
}

/** The connections of one container: who listens, who was dialled, what crossed the wire. */
export class Connections {
  readonly multiplexer: Multiplexer
  readonly #replicated: Replicated
  readonly #listeners = new Set<Listener>()
  readonly #swarms = new Set<Swarm>()
  readonly #open = new Set<Connection>()
  readonly #closing = new AbortController()
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

  /**
   * Dials an address; resolves when both sides have said hello. When the connection is lost later it is made
   * again, unless this side closes it.
   */
  async dial(address: Address, wait: WaitOptions): Promise<Connection> {
    const connection = await this.#dialOnce(address, wait)
    void keepUp(connection, () => this.#dialOnce(address), this.#closing.signal)
    return connection
  }

  /** Dials an address until somebody answers, and keeps him connected. */
  insist(address: Address): void {
    void keepUp(undefined, () => this.#dialOnce(address), this.#closing.signal)
  }

  /** Joins Hyperswarm to meet whoever knows one of these keys, until it is closed or the datagram is. */
  async join(keys: readonly Uint8Array[], options: SwarmOptions): Promise<Swarm> {
    await this.#prepare()
    const onPeer = (duplex: Duplex, side: ConnectOptions) => void this.#connect(duplex, side)
    const swarm = await joinSwarm(keys.map(topicOf), onPeer, options)
    this.#swarms.add(swarm)
    return swarm
  }

  /** Asks every peer that comes from now on for one stream, whether or not it has our root; until the undo. */
  wantFromAll(id: Uint8Array): () => void {
    return this.multiplexer.on('peer-added', (connection) => {
      // Who does not have it says so, and that is all.
      connection.want(id).catch(() => undefined)
    })
  }

  /** Asks every peer that has not our root for each of these streams; who has it shows them all by itself. */
  wantFromStrangers(ids: () => readonly Uint8Array[]): void {
    const rootId = this.#replicated.root.id
    this.multiplexer.on('stream-declined', (connection, id, _reason, by) => {
      if (by !== 'peer' || !b4a.equals(id, rootId)) return
      for (const one of ids()) connection.want(one).catch(() => undefined)
    })
  }

  /** Whether somebody who is connected shares a stream that is open here; true unless all of them have said that they do not. */
  async isShared(id: Uint8Array, wait: WaitOptions): Promise<boolean> {
    const open = this.multiplexer.connections.filter(({ isOpen }) => isOpen)
    if (open.length === 0 || b4a.equals(id, this.#replicated.root.id)) return true
    const answers = await Promise.all(open.map((one) => one.shares(id, wait).catch(() => true)))
    return answers.includes(true)
  }

  /** Calls back for each event of that name; a peer is added with its first connection and removed with its last. */
  on<K extends keyof MultiplexerEvents>(
    name: K,
    listener: (...values: MultiplexerEvents[K]) => void,
  ): () => void {
    return this.multiplexer.on(name, (...values) => {
      const isOfPeer = name === 'peer-added' || name === 'peer-removed'
      if (!isOfPeer || this.#others(values[0]).length === 0) listener(...values)
    })
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
    const peers = new Map<string, PeerInfo>()
    for (const { peer, statistics, streams } of this.#open) {
      if (peer === undefined) continue
      const key = b4a.toString(peer.publicKey, 'hex')
      const known = peers.get(key)
      peers.set(key, {
        publicKey: peer.publicKey,
        provedRoot: peer.provedRoot || (known?.provedRoot ?? false),
        connections: 1 + (known?.connections ?? 0),
        wire: {
          bytesIn: statistics.rawBytesIn + (known?.wire.bytesIn ?? 0),
          bytesOut: statistics.rawBytesOut + (known?.wire.bytesOut ?? 0),
        },
        streams: known === undefined ? streams : addedStreams(known.streams, streams),
      })
    }
    return [...peers.values()]
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const listeners = [...this.#listeners, ...this.#swarms].map((one) => one.close())
    await Promise.all([...listeners, this.multiplexer.close()])
  }

  async #dialOnce(address: Address, wait: WaitOptions = {}): Promise<Connection> {
    await this.#prepare()
    const duplex = await dial(address, wait)
    try {
      const connection = this.#connect(duplex, { initiator: true })
      await connection.ready(wait)
      return connection
    } catch (error) {
      duplex.destroy()
      throw error
    }
  }

  // Further connections to the same peer that are open.
  #others(connection: Connection): Connection[] {
    const key = connection.peer?.publicKey
    return this.multiplexer.connections.filter(
      ({ isOpen, peer }, i, all) =>
        isOpen && all[i] !== connection && key && peer && b4a.equals(peer.publicKey, key),
    )
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

/** The figures of two connections to one peer together. */
function addedStreams(
  one: readonly StreamStatistics[],
  other: readonly StreamStatistics[],
): StreamStatistics[] {
  const sums = new Map(one.map((stream) => [b4a.toString(stream.id, 'hex'), stream]))
  for (const stream of other) {
    const key = b4a.toString(stream.id, 'hex')
    const known = sums.get(key)
    if (known === undefined) sums.set(key, stream)
    else {
      sums.set(key, {
        id: stream.id,
        attached: stream.attached || known.attached,
        open: stream.open || known.open,
        bytesIn: stream.bytesIn + known.bytesIn,
        bytesOut: stream.bytesOut + known.bytesOut,
        blocksIn: stream.blocksIn + known.blocksIn,
        blocksOut: stream.blocksOut + known.blocksOut,
      })
    }
  }
  return [...sums.values()]
}
