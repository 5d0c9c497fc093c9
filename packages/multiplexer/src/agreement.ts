import type { ReplicableStream } from '@datagram/container'
import type { AttachableLog, LogAttachment, Muxer } from '@datagram/log-core'
import type { DeclineReason } from './decline.ts'
import { type GuardedMuxer, LOG_PROTOCOL } from './guarded-muxer.ts'
import type { OfferRecord } from './offer-record.ts'
import type { Offer } from './policy.ts'

/** What this side means to do about a stream. */
export type OurWord =
  /** Nothing yet, or it was taken back. */
  | 'silent'
  /** A policy is being asked. */
  | 'asking'
  /** It will be accepted as soon as its key is known here. */
  | 'willing'
  /** A want, an offer or an accept was sent, with our proof. */
  | 'agreed'
  | 'declined'

/** What the peer has said of a stream; `agreed` by a want, an offer or an accept. */
export type TheirWord = 'silent' | 'agreed' | 'declined'

/**
 * One stream on one connection: the word of each side, and the logs while both have agreed.
 *
 * The logs are attached exactly while the stream is open here, both sides have agreed, and the peer's
 * proof is right. Each side changes its own word alone, so that messages may cross in any order.
 */
export class Agreement {
  readonly id: Uint8Array
  /** The stream, while it is open here. */
  stream: ReplicableStream | undefined
  /** Whether the peer takes us to have agreed. */
  said = false
  theirs: TheirWord = 'silent'
  /** The proof that came with the peer's word. */
  proof: Uint8Array | undefined
  /** Whether that proof was found right. */
  proven = false
  /** The peer's offer, when its word was one. */
  record: OfferRecord | undefined
  /** Why the peer has declined. */
  declined: DeclineReason | undefined
  /** The user has withdrawn: policies are not asked again until the user accepts. */
  refused = false
  /** What our own offer said, so that it is said again only when that has changed. */
  shown: string | undefined
  /** The peer, too, has attached the stream's indexer: what is asked of it now will be answered. */
  replicating = false
  #ours: OurWord = 'silent'
  #question = 0
  readonly #attachments = new Map<AttachableLog, LogAttachment>()
  #detaching: Promise<unknown> | undefined

  constructor(id: Uint8Array) {
    this.id = id
  }

  get ours(): OurWord {
    return this.#ours
  }

  set ours(word: OurWord) {
    this.#ours = word
    this.#question++
  }

  /** Changes whenever our word does: an answer that comes too late is told by it. */
  get question(): number {
    return this.#question
  }

  get isAttached(): boolean {
    return this.#attachments.size > 0
  }

  /** Whether the logs should be attached, as far as the words go. */
  get isAgreed(): boolean {
    return this.stream !== undefined && this.#ours === 'agreed' && this.theirs === 'agreed'
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    if (this.stream !== undefined || this.#detaching !== undefined) return false
    return !this.said && this.theirs !== 'agreed' && !this.refused
  }

  /** Whether logs are being detached; they must not be attached before that has ended. */
  get isDetaching(): boolean {
    return this.#detaching !== undefined
  }

  /** The peer's offer as policies see it. */
  get offer(): Offer | undefined {
    if (this.record === undefined) return undefined
    const { type, labels, logs, bytes } = this.record
    return { id: this.id, type, labels, logs, bytes }
  }

  /** Takes what the peer has agreed to, with its proof. */
  hear(proof: Uint8Array, record?: OfferRecord): void {
    // The same proof again need not be looked at again.
    if (this.proof === undefined || Buffer.compare(this.proof, proof) !== 0) this.proven = false
    this.theirs = 'agreed'
    this.declined = undefined
    this.proof = proof
    if (record !== undefined) this.record = record
  }

  /** Takes that the peer has taken its word back, or has declined for a reason. */
  unhear(reason?: DeclineReason): void {
    this.theirs = reason === undefined ? 'silent' : 'declined'
    this.declined = reason
    this.proof = undefined
    this.proven = false
    this.record = undefined
  }

  /** Attaches those logs of the stream that are not attached yet. */
  attach(muxer: Muxer): void {
    for (const log of this.stream?.logs ?? []) {
      if (!this.#attachments.has(log)) this.#attachments.set(log, log.attach(muxer))
    }
  }

  /** Detaches all logs; resolves when their channels are closed, so that they can be attached again. */
  async detach(muxer: GuardedMuxer, opened: Promise<unknown>): Promise<void> {
    const attachments = [...this.#attachments]
    this.#attachments.clear()
    this.replicating = false
    const detachOne = async (id: Uint8Array, attachment: LogAttachment) => {
      // A log makes its channel a moment after it was attached.
      await opened
      const channel = muxer.getLastChannel({ protocol: LOG_PROTOCOL, id })
      await attachment.detach()
      await channel?.fullyClosed()
    }
    this.#detaching = Promise.all(
      attachments.map(([log, attachment]) => detachOne(log.discoveryKey, attachment)),
    )
    try {
      await this.#detaching
    } finally {
      this.#detaching = undefined
    }
  }
}
