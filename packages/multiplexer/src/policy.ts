import type { ReplicableStream } from '@datagram/container'
import type { OfferedLog } from './offer-record.ts'

/** Who is at the other end of a connection. */
export interface Peer {
  /** The key that the peer's multiplexer has shown in the handshake, 32 bytes; it can prove it. */
  readonly publicKey: Uint8Array
  /** Whether the peer has proved the key of our root, and so has the link to all of it. */
  readonly provedRoot: boolean
}

/** A stream that a peer offers. */
export interface Offer {
  /** Discovery key of its indexer log, 32 bytes. */
  readonly id: Uint8Array
  /** Name of its interface, or `''` where the peer does not say. */
  readonly type: string
  /** Labels that the peer shows, as far as there was room for them. */
  readonly labels: readonly string[]
  /** Its logs as far as there was room for them, the indexer first. */
  readonly logs: readonly OfferedLog[]
  /** Bytes that it takes, where the peer says it. */
  readonly bytes: number | undefined
}

/**
 * What I show: asked for each stream that is open here, before it is offered to a peer that has proved
 * the root, and before a peer that has proved the stream's own key gets it. Never asked about the root.
 */
export type OfferPolicy = (stream: ReplicableStream, peer: Peer) => boolean | Promise<boolean>

/**
 * What I take: asked for each offer of a peer, and before a stream that somebody else writes is passed
 * on. Never asked about the root, nor about streams that I write myself.
 */
export type AcceptPolicy = (offer: Offer, peer: Peer) => boolean | Promise<boolean>

/** Where a multiplexer tells what is worth telling; any logger with these two methods. */
export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
}
