import type { ReplicableStream } from '@datagram/container'
import type { StreamFilter } from './filter.ts'
import type { OfferedLog } from './offer-record.ts'

/** Who is at the other end of a connection. */
export interface Peer {
  /** The key that the peer's multiplexer has shown in the handshake, 32 bytes; it can prove it. */
  readonly publicKey: Uint8Array
  /** Whether the peer has proved the key of our root, and so has the link to all of it. */
  readonly provedRoot: boolean
  /** Whether it has proved that it can read our root: it is no host that only keeps it. */
  readonly provedReading: boolean
}

/** A stream that a peer offers. */
export interface Offer {
  /** Discovery key of its indexer log, 32 bytes. */
  readonly id: Uint8Array
  /** Name that it has here, once it is open here: a name is never sent. */
  readonly name: string | undefined
  /** Name of its interface, or `''` where neither the peer says it nor the stream is open here. */
  readonly type: string
  /** Labels that the peer shows, as far as there was room for them, and those that are known here. */
  readonly labels: readonly string[]
  /** Its logs as far as there was room for them, the indexer first. */
  readonly logs: readonly OfferedLog[]
  /** Bytes that it takes, where the peer says it. */
  readonly bytes: number | undefined
  /** Public key of who made it, 32 bytes, once that is proven here; see `ReplicableStream.author`. */
  readonly author: Uint8Array | undefined
  /** Id of the datagram that it was made in, 32 bytes, once that is known here; see `ReplicableStream.origin`. */
  readonly origin: Uint8Array | undefined
}

/** The answer of a policy: true for yes. An answer that takes longer than `limits.policyTimeoutMs` is a no. */
export type PolicyAnswer = boolean | Promise<boolean>

/**
 * What I show: asked for each stream that is open here, before it is offered to a peer that has proved
 * the root, and before a peer that has proved the stream's own key gets it. Never asked about the root.
 */
export type OfferPolicy = (stream: ReplicableStream, peer: Peer) => PolicyAnswer

/**
 * What I take: asked for each offer of a peer, and before a stream that somebody else writes is passed
 * on. Never asked about the root, nor about streams that I write myself.
 */
export type AcceptPolicy = (offer: Offer, peer: Peer) => PolicyAnswer

/**
 * What has no part in anything: asked before the others, of every stream that is not one's own; also of those that a
 * user has wanted or accepted by hand. True forbids it. It answers at once.
 */
export type ForbidPolicy = (subject: ReplicableStream | Offer, peer: Peer) => boolean

/** Policies of one kind: one, or several that all have to say yes, asked in their order. */
export type Chain<P> = P | readonly P[]

/** The policies of a multiplexer; what is left out stays as it is, at first a yes to everything. */
export interface PolicySet {
  /** What I show. */
  readonly offer?: Chain<OfferPolicy> | undefined
  /** What I take. */
  readonly accept?: Chain<AcceptPolicy> | undefined
  /**
   * What I want to hear of, as plain data: it is said to every peer, who then offers nothing else, and goes before
   * `accept` here, since a peer may not go by it. `{}` wants to hear of everything, as at first.
   */
  readonly want?: StreamFilter | undefined
  /** What is neither shown nor taken, whatever else was said; at first nothing. */
  readonly forbid?: ForbidPolicy | undefined
}

/** The policies of a multiplexer while it works. */
export interface LivePolicies {
  /**
   * Puts other policies in the place of those there are, on live connections at once: what they do not agree to
   * is withdrawn and its logs are detached, what they agree to now is offered or accepted. What a user has
   * accepted by hand stays.
   */
  use(policies: PolicySet): void
  /** Asks the policies again about everything: what they go by has changed. */
  refresh(): void
}

/** Where a multiplexer tells what is worth telling; any logger with these two methods. */
export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
}
