import type { DatagramError } from '@datagram/errors'
import { bounded, Lifecycle, type WaitOptions } from '@datagram/log-core'
import { Allowance } from './allowance.ts'
import { Answers, declinedError } from './answers.ts'
import { BlockRequests } from './block-requests.ts'
import type { Connection, ConnectionStatistics } from './connection.ts'
import { ControlChannel } from './control-channel.ts'
import { type Hello, helloOfThisVersion } from './hello.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { Negotiation } from './negotiation.ts'
import type { NegotiationListener } from './negotiation-context.ts'
import type { Policies } from './policies.ts'
import type { PeerLedger, PeerWatch } from './peer-ledger.ts'
import type { PeerTable } from './peer-table.ts'
import type { Logger, Offer, Peer } from './policy.ts'
import type { RawStream } from './raw-link.ts'
import {
  peerClosed,
  SecureLink,
  type SecureLinkListener,
  type SecureLinkOptions,
} from './secure-link.ts'
import type { StreamDirectory } from './stream-directory.ts'
import { StreamProver } from './stream-proof.ts'
import { type StreamStatistics, TrafficCounter } from './stream-traffic.ts'
import { Witness, type WitnessListener } from './witness.ts'

/** What a connection tells the multiplexer that it belongs to. */
export interface ConnectionListener
  extends Pick<NegotiationListener, 'attached' | 'detached' | 'offered' | 'declined'>,
    WitnessListener {
  opened(): void
  closed(reason: Error | undefined): void
}

export interface PeerConnectionOptions extends SecureLinkOptions {
  readonly directory: StreamDirectory
  readonly peers: PeerTable
  readonly ledger: PeerLedger
  readonly policies: Policies
  readonly logger: Logger
  readonly listener: ConnectionListener
}

const SHARES_TIMEOUT_MS = 10_000
const noCounts = { offered: 0, offersReceived: 0, declined: 0, declinedByPeer: 0, proofsWrong: 0 }

/** A connection: opens when both sides have said hello, and carries what the negotiation agrees on. */
export class PeerConnection implements Connection {
  readonly closed: Promise<DatagramError | undefined>
  readonly #options: PeerConnectionOptions
  readonly #link: SecureLink
  readonly #allowance: Allowance
  readonly #answers = new Answers()
  readonly #requests: BlockRequests
  readonly #watch: PeerWatch
  readonly #lifecycle = new Lifecycle('the connection', 'CONNECTION_CLOSED')
  readonly #opened: Promise<void>
  #open: () => void = () => undefined
  #finish: (reason: DatagramError | undefined) => void = () => undefined
  #negotiation: Negotiation | undefined
  #stopListening: () => void = () => undefined

  constructor(stream: RawStream, options: PeerConnectionOptions) {
    const { limits, logger } = options
    this.#options = options
    // Before the peer hears anything of this connection: all that it says on it comes later.
    this.#watch = options.ledger.watch()
    this.#allowance = new Allowance(limits.messagesBurst, limits.messagesPerSecond)
    this.#requests = new BlockRequests(limits, () => this.#link.bytes.rawBytesIn)
    this.closed = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
    const listener = {
      secured: () => this.#secured(),
      failed: () => void this.close(),
      warned: (error: Error) => logger.debug('a closed channel failed', { error }),
      mayOpen: () => this.#allowance.take(),
      look: () => this.#requests.assertAnswered(),
      ...this.#logListener(),
    }
    this.#link = new SecureLink(stream, listener, options)
  }

  get peer(): Peer | undefined {
    return this.#negotiation?.peer
  }

  get isInitiator(): boolean {
    return this.#link.role === 'initiator'
  }

  get isOpen(): boolean {
    return this.#lifecycle.state === 'open'
  }

  get offers(): Offer[] {
    return this.#negotiation?.offers ?? []
  }

  get streams(): StreamStatistics[] {
    return this.#negotiation?.replication.statistics ?? []
  }

  get statistics(): ConnectionStatistics {
    const counts = this.#negotiation?.counts ?? noCounts
    const { attachedCount = 0, openCount = 0 } = this.#negotiation ?? {}
    return { ...this.#link.bytes, ...counts, attached: attachedCount, streamsOpen: openCount }
  }

  ready(options: WaitOptions = {}): Promise<void> {
    return this.#orReason(() =>
      bounded(this.#opened, 'connecting', options, this.#lifecycle.signal),
    )
  }

  async rootAgreed(options: WaitOptions = {}): Promise<void> {
    await this.ready(options)
    await this.#answer(this.#options.directory.root.id, options)
  }

  async want(id: Uint8Array, options: WaitOptions = {}): Promise<void> {
    await this.ready(options)
    this.#agreed.want(id)
    await this.#answer(id, options)
  }

  async shares(
    id: Uint8Array,
    { signal, timeoutMs = SHARES_TIMEOUT_MS }: WaitOptions = {},
  ): Promise<boolean> {
    const wait = { signal, timeoutMs }
    await this.ready(wait)
    const stream = this.#options.directory.get(id)
    if (stream === undefined) return false
    if (!this.#agreed.isShared(id)) {
      const told = this.#agreed.refresh(stream)
      await this.#orReason(() => bounded(told, 'the peer', wait, this.#lifecycle.signal))
    }
    return this.#agreed.isShared(id)
  }

  accept(id: Uint8Array): void {
    this.#agreed.accept(id)
  }

  withdraw(id: Uint8Array): void {
    this.#agreed.withdraw(id)
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.#stopListening()
      this.#watch.end()
      if (this.#link.isSecured) this.#options.peers.leave(this.#link.peerKey, this.#link)
      // Together: a log's channel may wait for an answer that comes no more.
      const [reason] = await Promise.all([this.#link.end(), this.#negotiation?.close()])
      this.#finish(reason)
      this.#options.listener.closed(reason)
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #agreed(): Negotiation {
    if (this.#negotiation !== undefined && this.#lifecycle.state !== 'closed')
      return this.#negotiation
    throw this.#link.reason ?? this.#lifecycle.closedError()
  }

  #answer(id: Uint8Array, options: WaitOptions): Promise<void> {
    const isRoot = this.#options.directory.isRoot(id)
    const answer = this.#negotiation?.answer(id)
    if (answer === 'attached') return Promise.resolve()
    if (answer !== undefined) return Promise.reject(declinedError(isRoot, answer))
    return this.#orReason(() => this.#answers.wait(id, options, this.#lifecycle.signal))
  }

  // Whoever waits hears why the connection failed, not only that it is closed.
  async #orReason(wait: () => Promise<void>): Promise<void> {
    try {
      await wait()
    } catch (error) {
      const { signal } = this.#lifecycle
      throw signal.aborted && error === signal.reason ? (this.#link.reason ?? error) : error
    }
  }

  #secured(): void {
    const { limits, directory, policies, logger } = this.#options
    const { muxer, role, handshakeHash, peerKey, opened } = this.#link
    this.#link.limit(this.#options.peers.join(peerKey, this.#link))
    const control: ControlChannel = new ControlChannel(
      muxer,
      {
        onHello: (hello) => this.#greeted(hello),
        onWant: (message) => this.#negotiation?.onWant(message),
        onOffer: (message) => this.#negotiation?.onOffer(message),
        onAccept: (message) => this.#negotiation?.onAccept(message),
        onDecline: (message) => this.#negotiation?.onDecline(message),
        onWithdraw: (id) => this.#negotiation?.onWithdraw(id),
        onAnnounce: (message) => this.#negotiation?.onAnnounce(message),
        onDigest: (message) => this.#negotiation?.onDigest(message),
        onAsk: (number) => this.#negotiation?.onAsk(number),
        onTold: (number) => this.#negotiation?.onTold(number),
        onFilter: (message) => this.#negotiation?.onFilter(message),
      },
      {
        allowance: this.#allowance,
        unsentBytesMax: limits.unsentBytesMax,
        onStalled: (error) => this.#link.fail(error),
        // There is nothing to be agreed any more.
        onClosed: () => this.#link.fail(peerClosed()),
      },
    )
    const negotiation = new Negotiation({
      directory,
      control,
      muxer,
      opened,
      prover: new StreamProver(role, handshakeHash),
      peerKey,
      witness: new Witness(this.#watch, peerKey, this.#options.listener),
      policies,
      limits,
      logger,
      listener: this.#negotiationListener(),
    })
    this.#negotiation = negotiation
    const stops = [directory.listen(negotiation), policies.listen(() => negotiation.reconsider())]
    this.#stopListening = () => {
      for (const stop of stops) stop()
    }
    this.#link.expect(limits.helloTimeoutMs, 'did not say hello')
    control.open()
    negotiation.begin()
  }

  #negotiationListener(): NegotiationListener {
    const { listener, directory } = this.#options
    return {
      proven: () => this.#link.trust(),
      attached: (id) => {
        this.#answers.attached(id)
        listener.attached(id)
      },
      detached: (id) => listener.detached(id),
      offered: (offer) => listener.offered(offer),
      declined: (id, reason, by) => {
        this.#answers.declined(id, directory.isRoot(id), reason)
        listener.declined(id, reason, by)
      },
      failed: (error) => this.#link.fail(error instanceof Error ? error : new Error(String(error))),
    }
  }

  #logListener(): Pick<SecureLinkListener, 'logOpening' | 'logOpened' | 'logClosed' | 'watchLog'> {
    const replication = () => this.#negotiation?.replication
    return {
      logOpening: (id) => replication()?.logOpening(id),
      logOpened: (id) => replication()?.logOpened(id),
      logClosed: (id) => replication()?.logClosed(id),
      watchLog: (id) => ({
        counter: replication()?.counterOf(id) ?? new TrafficCounter(),
        requests: this.#requests.channel(),
        onLength: (length, fork) => replication()?.heardLength(id, length, fork),
      }),
    }
  }

  #greeted(message: Hello): void {
    const { major } = message
    if (major !== helloOfThisVersion.major) {
      throw multiplexerError(
        'PEER_VERSION_UNSUPPORTED',
        `the peer speaks version ${major} of the protocol, this side version ${helloOfThisVersion.major}; update the older of the two`,
        { details: { version: major } },
      )
    }
    this.#link.met()
    this.#negotiation?.greeted(message)
    if (this.#lifecycle.state !== 'opening') return
    this.#lifecycle.opened()
    this.#open()
    this.#options.listener.opened()
  }
}
