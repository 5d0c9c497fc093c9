import type { ReplicableStream } from '@datagram/container'
import type { AttachableLog, LogAttachment, Muxer } from '@datagram/log-core'
import type { DeclineReason } from './decline.ts'
import { type GuardedMuxer, LOG_PROTOCOL } from './guarded-muxer.ts'
import type { OfferRecord } from './offer-record.ts'
import type { Offer } from './policy.ts'
import { idKey } from './stream-directory.ts'
import { TrafficCounter } from './stream-traffic.ts'

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

/** What the peer has said of a stream last; `agreed` by a want, an offer or an accept. */
export type TheirWord = 'silent' | 'agreed' | 'declined' | 'withdrawn'

/** How long the logs of a stream are here. */
export function lengthsOf(stream: ReplicableStream | undefined): readonly number[] {
  return stream?.logs.map(({ length }) => length) ?? []
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/**
 * One stream on one connection: the word of each side, and the logs while both have agreed.
 *
 * The logs may be attached exactly while the stream is open here, both sides have agreed, and the peer's
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
  /** How the peer has agreed: it looks for the stream, or takes ours; or it has offered its own. */
  theirWord: 'want' | 'offer' = 'want'
  /** The user has withdrawn: policies are not asked again until the user accepts. */
  refused = false
  /** The user has wanted or accepted it: policies are not asked again until the user withdraws. */
  insisted = false
  /** What policies can see of the stream, as it was when it was looked at last. */
  description: string | undefined
  /** What our own offer said, so that it is said again only when that has changed. */
  shown: string | undefined
  /** Both sides replicate the stream: what is asked of the peer now will be answered. */
  replicating = false
  /** It is part of a digest that was not compared yet: the peer may take us to have agreed. */
  inDigest = false
  /** How long the peer's logs are as far as it has told, in the order of the stream's logs. */
  theirLengths: readonly number[] = []
  /** What we have told last of ours. */
  told: readonly number[] = []
  /** The peer has closed the logs' channels: they are not opened at once again. */
  rests = false
  attachedAtMs = 0
  /** What has crossed the connection for the stream. */
  readonly traffic = new TrafficCounter()
  #ours: OurWord = 'silent'
  #question = 0
  readonly #attachments = new Map<AttachableLog, LogAttachment>()
  /** Logs whose channels the peer has closed, or refused, while others of the stream are open. */
  readonly #refused = new Set<string>()
  /** Attached logs whose channels the peer has not opened as yet. */
  readonly #opening = new Set<string>()
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

  /** An answer that is yet to come is void; our word stays. */
  doubt(): void {
    this.#question++
  }

  /** The user has decided, so policies are not asked. */
  get isByHand(): boolean {
    return this.refused || this.insisted
  }

  get isAttached(): boolean {
    return this.#attachments.size > 0
  }

  /** Whether the logs should be attached, as far as the words go. */
  get isAgreed(): boolean {
    return this.stream !== undefined && this.#ours === 'agreed' && this.theirs === 'agreed'
  }

  /** Whether the peer is yet to answer that logs were attached. */
  get isOpening(): boolean {
    return this.#opening.size > 0
  }

  /** Whether a read waits for blocks of the stream. */
  get isAwaited(): boolean {
    return this.stream?.logs.some((log) => log.isAwaited) ?? false
  }

  /** Whether something is to be had of the peer now. */
  get isNeeded(): boolean {
    if (this.rests || this.stream === undefined) return false
    const { theirLengths } = this
    return this.stream.logs.some((log, i) => log.isAwaited || log.length < (theirLengths[i] ?? 0))
  }

  /** Our lengths, where they are more than the peer has and was told; else undefined. */
  get news(): readonly number[] | undefined {
    const lengths = lengthsOf(this.stream)
    const { told, theirLengths } = this
    const isMore = lengths.some((length, i) => length > (theirLengths[i] ?? 0))
    return isMore && lengths.some((length, i) => length !== told[i]) ? lengths : undefined
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    if (this.stream !== undefined || this.#detaching !== undefined || this.inDigest) return false
    return !this.said && this.theirs !== 'agreed' && !this.isByHand
  }

  /** Whether logs are being detached; they must not be attached before that has ended. */
  get isDetaching(): boolean {
    return this.#detaching !== undefined
  }

  /** Resolves when logs that are being detached are; never rejects. */
  get detached(): Promise<unknown> {
    return Promise.resolve(this.#detaching).catch(() => undefined)
  }

  /** The peer's offer as policies see it. */
  get offer(): Offer | undefined {
    if (this.record === undefined) return undefined
    const { logs, bytes } = this.record
    // What is known here comes from the stream's author; a peer may leave out what it likes.
    const { name, type, author, origin, labels = [] } = this.stream ?? {}
    return {
      id: this.id,
      name,
      type: this.record.type || (type ?? ''),
      labels: [...new Set([...this.record.labels, ...labels])],
      logs,
      bytes,
      author,
      origin,
    }
  }

  /** Takes what the peer has agreed to, with its proof. */
  hear(proof: Uint8Array, record?: OfferRecord): void {
    // The same proof again need not be looked at again.
    if (this.proof === undefined || !sameBytes(this.proof, proof)) this.proven = false
    this.theirs = 'agreed'
    this.declined = undefined
    this.proof = proof
    if (record === undefined) return
    this.theirWord = 'offer'
    this.record = record
    this.theirLengths = record.logs.map(({ length }) => length)
  }

  /** Takes how long one of the peer's logs is. */
  hearLength(logId: Uint8Array, length: number): void {
    const place = this.stream?.logs.findIndex((log) => sameBytes(log.discoveryKey, logId)) ?? -1
    if (place < 0) return
    const { theirLengths } = this
    const count = Math.max(place + 1, theirLengths.length)
    const heard = (_: unknown, i: number) => (i === place ? length : (theirLengths[i] ?? 0))
    this.theirLengths = Array.from({ length: count }, heard)
  }

  /** Takes the peer to have no more than is here, whatever it has told. */
  forgetLengths(): void {
    const lengths = lengthsOf(this.stream)
    this.theirLengths = this.theirLengths.map((length, i) => Math.min(length, lengths[i] ?? 0))
  }

  /** Takes that the peer has taken its word back, or has declined for a reason. */
  unhear(reason?: DeclineReason): void {
    this.theirs = reason === undefined ? 'silent' : 'declined'
    this.declined = reason
    this.proof = undefined
    this.proven = false
    this.record = undefined
    this.theirWord = 'want'
    this.theirLengths = []
    this.told = []
  }

  /** Attaches those logs of the stream that are not attached yet. */
  attach(muxer: Muxer): void {
    for (const log of this.stream?.logs ?? []) {
      const key = idKey(log.discoveryKey)
      if (this.#refused.has(key) || this.#attachments.has(log)) continue
      this.#attachments.set(log, log.attach(muxer))
      this.#opening.add(key)
      this.attachedAtMs = performance.now()
    }
  }

  /**
   * The peer does without one of the attached logs: it is detached, until {@link unrefuse}. False where it is
   * the only one.
   */
  refuse(logId: Uint8Array): boolean {
    for (const [log, attachment] of this.#attachments) {
      if (!sameBytes(log.discoveryKey, logId)) continue
      if (this.#attachments.size === 1) return false
      this.#attachments.delete(log)
      this.#refused.add(idKey(logId))
      this.#opening.delete(idKey(logId))
      // Its channel is closed already.
      void attachment.detach()
    }
    return true
  }

  /** The peer has opened the channel of an attached log. */
  opened(logId: Uint8Array): void {
    this.#opening.delete(idKey(logId))
  }

  unrefuse(logId: Uint8Array): void {
    this.#refused.delete(idKey(logId))
  }

  /** Detaches all logs; resolves when their channels are closed, so that they can be attached again. */
  async detach(muxer: GuardedMuxer, opened: Promise<unknown>): Promise<void> {
    const attachments = [...this.#attachments]
    this.#attachments.clear()
    this.#refused.clear()
    this.#opening.clear()
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
