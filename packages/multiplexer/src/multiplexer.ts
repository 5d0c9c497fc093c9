import type { Replicable } from '@datagram/container'
import { Lifecycle } from '@datagram/log-core'
import type { Connection } from './connection.ts'
import type { DeclineReason } from './decline.ts'
import { completeLimits, type MultiplexerLimits } from './limits.ts'
import { Listeners } from './listeners.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { createKeyPair, type Tap } from './noise-link.ts'
import { type ConnectionListener, PeerConnection } from './peer-connection.ts'
import { KeptLedger, type PeerMemory } from './peer-memory.ts'
import type { PeerReport } from './peer-report.ts'
import { PeerTable } from './peer-table.ts'
import { Policies } from './policies.ts'
import type { LivePolicies, Logger, Offer, PolicySet } from './policy.ts'
import type { RawStream } from './raw-link.ts'
import { StreamDirectory } from './stream-directory.ts'

export interface MultiplexerOptions extends PolicySet {
  /** Default: nothing is told. */
  readonly logger?: Logger | undefined
  /** Bounds of what peers may make this side do; `limitDefaults` has each with its reason. */
  readonly limits?: Partial<MultiplexerLimits> | undefined
  /** Names this side to its peers, 32 and 64 bytes (Ed25519). Default: a new one for each multiplexer. */
  readonly keyPair?: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } | undefined
  /**
   * Keeps what each peer has said to have, by its key, so that one that has less when it comes again is reported also after
   * this side was opened anew. Default: it is remembered until the multiplexer is closed.
   */
  readonly peerMemory?: PeerMemory | undefined
}

export interface ConnectOptions {
  /** One side of a connection is the initiator: mostly the one that dialled. */
  readonly initiator: boolean
  /** Gets a copy of all plain bytes in both directions. A diagnostic: it costs a copy of everything. */
  readonly tap?: Tap | undefined
}

/** What a multiplexer tells of. */
export interface MultiplexerEvents {
  /** Both sides have said hello. */
  'peer-added': [connection: Connection]
  /** The connection is over; a coded reason, or undefined when this side has closed it. */
  'peer-removed': [connection: Connection, reason: Error | undefined]
  /** The peer offers a stream, or says it again with other labels. */
  'stream-offered': [connection: Connection, offer: Offer]
  /** Both sides have agreed, and the stream's logs replicate. */
  'stream-attached': [connection: Connection, id: Uint8Array]
  'stream-detached': [connection: Connection, id: Uint8Array]
  'stream-declined': [
    connection: Connection,
    id: Uint8Array,
    reason: DeclineReason,
    by: 'us' | 'peer',
  ]
  /** The peer has fewer blocks of a log than it had; once, until it has them again. What is here goes on being served. */
  'peer-rolled-back': [connection: Connection, report: PeerReport]
  /** The peer has another history of a log than is here, and its author has signed both. */
  'peer-diverged': [connection: Connection, report: PeerReport]
}

/** Carries the streams of one container over any number of connections. */
export interface Multiplexer extends AsyncDisposable {
  /** The connections that are not over yet. */
  readonly connections: readonly Connection[]
  /** The key by which peers know this side, 32 bytes. */
  readonly publicKey: Uint8Array
  /** What is shown and taken, which can be changed while connections are open. */
  readonly policies: LivePolicies
  /**
   * Takes a connection over; from now on the stream belongs to it. Throws `CONNECTIONS_EXHAUSTED` and
   * `MULTIPLEXER_CLOSED`, in which case the stream is left as it was.
   */
  connect(stream: RawStream, options: ConnectOptions): Connection
  /** Calls back for each event of that name; returns the undo. */
  on<K extends keyof MultiplexerEvents>(
    name: K,
    listener: (...values: MultiplexerEvents[K]) => void,
  ): () => void
  /** Ends every connection. Idempotent. */
  close(): Promise<void>
}

/** Makes a multiplexer of a container's streams. It takes connections, and makes none. */
export function createMultiplexer(
  replicable: Replicable,
  options: MultiplexerOptions = {},
): Multiplexer {
  return new ContainerMultiplexer(replicable, options)
}

const silent: Logger = { debug: () => undefined, warn: () => undefined }

class ContainerMultiplexer implements Multiplexer {
  readonly #directory: StreamDirectory
  readonly policies: Policies
  readonly #limits: MultiplexerLimits
  readonly #peers: PeerTable
  readonly #kept: KeptLedger
  readonly #logger: Logger
  readonly #keyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }
  readonly #listeners: Listeners<MultiplexerEvents>
  /** Each with what takes it off the list of those that are closed with the multiplexer. */
  readonly #connections = new Map<Connection, () => void>()
  readonly #lifecycle = new Lifecycle('the multiplexer', 'MULTIPLEXER_CLOSED')

  constructor(replicable: Replicable, options: MultiplexerOptions) {
    const { offer, accept, want, forbid, logger = silent } = options
    this.#limits = completeLimits(options.limits)
    this.#peers = new PeerTable(this.#limits)
    this.#kept = new KeptLedger(options.peerMemory, logger)
    this.#logger = logger
    this.policies = new Policies(
      { offer, accept, want, forbid },
      this.#limits.policyTimeoutMs,
      logger,
    )
    this.#keyPair = options.keyPair ?? createKeyPair()
    this.#listeners = new Listeners((error) => logger.warn('a listener failed', { error }))
    this.#directory = new StreamDirectory(replicable)
    this.#lifecycle.opened()
  }

  get connections(): Connection[] {
    return [...this.#connections.keys()]
  }

  get publicKey(): Uint8Array {
    return this.#keyPair.publicKey
  }

  connect(stream: RawStream, { initiator, tap }: ConnectOptions): Connection {
    this.#lifecycle.assertOpen()
    if (typeof initiator !== 'boolean') throw new TypeError('initiator is true or false')
    const { connectionsMax } = this.#limits
    if (this.#connections.size >= connectionsMax) {
      throw multiplexerError(
        'CONNECTIONS_EXHAUSTED',
        `there are ${connectionsMax} connections already; close one, or raise connectionsMax`,
        { details: { connectionsMax } },
      )
    }
    const connection: PeerConnection = new PeerConnection(stream, {
      initiator,
      tap,
      keyPair: this.#keyPair,
      limits: this.#limits,
      directory: this.#directory,
      peers: this.#peers,
      ledger: this.#kept.ledger,
      policies: this.policies,
      logger: this.#logger,
      listener: this.#listenTo(() => connection),
    })
    this.#connections.set(connection, this.#lifecycle.adopt(connection))
    return connection
  }

  on<K extends keyof MultiplexerEvents>(
    name: K,
    listener: (...values: MultiplexerEvents[K]) => void,
  ): () => void {
    return this.#listeners.on(name, listener)
  }

  close(): Promise<void> {
    // All at once: each may wait for a peer that does not answer. The lifecycle hears how they end.
    for (const connection of this.#connections.keys()) void connection.close()
    return this.#lifecycle.close(async () => {
      this.#directory.close()
      await this.#kept.close()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #listenTo(connection: () => Connection): ConnectionListener {
    const listeners = this.#listeners
    let wasOpen = false
    return {
      opened: () => {
        wasOpen = true
        listeners.emit('peer-added', connection())
      },
      closed: (reason) => {
        this.#connections.get(connection())?.()
        this.#connections.delete(connection())
        if (reason !== undefined) this.#logger.debug('a connection is over', { reason })
        if (wasOpen) listeners.emit('peer-removed', connection(), reason)
      },
      offered: (offer) => listeners.emit('stream-offered', connection(), offer),
      attached: (id) => listeners.emit('stream-attached', connection(), id),
      detached: (id) => listeners.emit('stream-detached', connection(), id),
      declined: (id, reason, by) => listeners.emit('stream-declined', connection(), id, reason, by),
      rolledBack: (report) => {
        this.#logger.warn('a peer has less than it had', { report })
        listeners.emit('peer-rolled-back', connection(), report)
      },
      differs: (report) => {
        this.#logger.warn('a peer has another history than is here', { report })
        listeners.emit('peer-diverged', connection(), report)
      },
    }
  }
}
