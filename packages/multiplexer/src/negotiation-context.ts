import type { ControlChannel } from './control-channel.ts'
import type { DeclineReason } from './decline.ts'
import type { GuardedMuxer } from './guarded-muxer.ts'
import type { MultiplexerLimits } from './limits.ts'
import type { Policies } from './policies.ts'
import type { Logger, Offer } from './policy.ts'
import type { StreamDirectory } from './stream-directory.ts'
import type { StreamProver } from './stream-proof.ts'
import type { Witness } from './witness.ts'

/** What happens to streams on one connection. */
export interface NegotiationListener {
  /** The peer has proved a stream's key; it is no stranger any more. */
  proven(): void
  /** Both sides replicate the stream. */
  attached(id: Uint8Array): void
  detached(id: Uint8Array): void
  offered(offer: Offer): void
  /** One side does not take part in a stream. */
  declined(id: Uint8Array, reason: DeclineReason, by: 'us' | 'peer'): void
  /** Something failed that must not; the connection cannot be trusted any more. */
  failed(error: unknown): void
}

export interface NegotiationContext {
  readonly directory: StreamDirectory
  readonly control: ControlChannel
  readonly muxer: GuardedMuxer
  /** Of the muxer's stream. */
  readonly opened: Promise<unknown>
  readonly prover: StreamProver
  readonly peerKey: Uint8Array
  /** Compares what the peer says of its logs with what it has said before. */
  readonly witness: Witness
  readonly policies: Policies
  readonly limits: MultiplexerLimits
  readonly logger: Logger
  readonly listener: NegotiationListener
}

/** Counts of one connection's streams. */
export interface StreamCounts {
  /** Streams that this side has offered. */
  offered: number
  /** Offers that the peer has sent. */
  offersReceived: number
  /** Streams that this side has declined. */
  declined: number
  /** Streams that the peer has declined. */
  declinedByPeer: number
  /** Proofs of the peer that were wrong. */
  proofsWrong: number
}
