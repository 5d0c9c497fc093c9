import type { WaitOptions } from '@datagram/log-core'
import type { StreamCounts } from './negotiation-context.ts'
import type { Offer, Peer } from './policy.ts'
import type { StreamStatistics } from './stream-traffic.ts'

/** Counts of one connection. Bytes are counted since it began, handshake and framing included. */
export interface ConnectionStatistics extends Readonly<StreamCounts> {
  /** Bytes of the stream below the encryption: what the transport has carried. */
  readonly rawBytesIn: number
  readonly rawBytesOut: number
  /** The same on the plain side of the encryption, where framing and signs of life are gone. */
  readonly plainBytesIn: number
  readonly plainBytesOut: number
  /** Streams that both sides have agreed to replicate. */
  readonly attached: number
  /** Those of them whose logs are attached to the connection now; the others' are when they are needed. */
  readonly streamsOpen: number
}

/** One encrypted connection, and the streams that it carries. */
export interface Connection extends AsyncDisposable {
  /** The peer, once it has shown itself in the handshake. */
  readonly peer: Peer | undefined
  readonly isInitiator: boolean
  /** Both sides have said hello. */
  readonly isOpen: boolean
  /**
   * Resolves once the connection is over, with why: a coded error, or undefined when this side has
   * closed it. Never rejects.
   */
  readonly closed: Promise<Error | undefined>
  /** Offers of the peer that are not agreed to: declined, waiting for their key, or being thought about. */
  readonly offers: readonly Offer[]
  readonly statistics: ConnectionStatistics
  /** What has crossed the connection for each stream that one of the two sides has spoken of. */
  readonly streams: readonly StreamStatistics[]

  /**
   * Resolves when both sides have said hello. Rejects with the reason when the connection is over
   * before, so also with `PEER_TIMEOUT`.
   */
  ready(options?: WaitOptions): Promise<void>
  /**
   * Resolves when the peer has proved the root's key and both sides replicate it: the moment from
   * which a clone can read. Rejects with `ROOT_DECLINED` when the peer does not have what the link
   * names, with the connection's reason when it is over, with `WAIT_TIMEOUT` (default 10,000 ms).
   */
  rootAgreed(options?: WaitOptions): Promise<void>
  /**
   * Looks for one stream that is open here at this peer, which need not hold the root. Resolves when
   * both sides replicate it; `STREAM_DECLINED` when the peer does not, `STREAM_NOT_FOUND` when it is
   * not open here, `STREAM_FORBIDDEN`, `WAIT_TIMEOUT` (default 10,000 ms). A want that was declined stands: when the peer
   * gets the stream later, it is attached.
   */
  want(id: Uint8Array, options?: WaitOptions): Promise<void>
  /**
   * Whether the peer shares a stream that is open here, and this side takes part in it. Asks the peer for what it has still
   * to say. Rejects with the connection's reason, and `WAIT_TIMEOUT` (default 10,000 ms).
   */
  shares(id: Uint8Array, options?: WaitOptions): Promise<boolean>
  /**
   * Accepts an offer though a policy has declined it. It is attached as soon as its key is known here.
   * Throws `OFFER_NOT_FOUND`, `STREAM_FORBIDDEN`.
   */
  accept(id: Uint8Array): void
  /**
   * Takes back our part in a stream: its logs are detached and nothing more of it is sent, until
   * {@link accept} or {@link want}. Throws `STREAM_NOT_FOUND`.
   */
  withdraw(id: Uint8Array): void
  /** Ends the connection; resolves when all its logs are detached. Idempotent. */
  close(): Promise<void>
}
