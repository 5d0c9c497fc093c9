import type { ReplicableStream } from '@datagram/container'
import type { Agreement } from './agreement.ts'
import { AgreementTable } from './agreement-table.ts'
import type { Decline, DeclineReason } from './decline.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import type { NegotiationContext, StreamCounts } from './negotiation-context.ts'
import type { OfferRecord } from './offer-record.ts'
import { isOwn } from './policies.ts'
import type { Offer, Peer } from './policy.ts'
import type { ProvenId } from './proven-id.ts'
import { showStream } from './shown-stream.ts'
import type { DirectoryListener } from './stream-directory.ts'

/**
 * Which streams one connection carries. Each side says its word about a stream (want, offer, accept;
 * decline, withdraw), and while both have agreed, the stream's logs are attached.
 */
export class Negotiation implements DirectoryListener {
  readonly counts: StreamCounts = {
    offered: 0,
    offersReceived: 0,
    declined: 0,
    declinedByPeer: 0,
    proofsWrong: 0,
  }
  readonly #context: NegotiationContext
  readonly #table: AgreementTable
  readonly #peer: { readonly publicKey: Uint8Array; provedRoot: boolean }
  #closed = false

  constructor(context: NegotiationContext) {
    this.#context = context
    this.#peer = { publicKey: context.peerKey, provedRoot: false }
    this.#table = new AgreementTable((agreement) => this.#crowdedOut(agreement))
  }

  get peer(): Peer {
    return this.#peer
  }

  /** Offers of the peer that stand and are not agreed to. */
  get offers(): Offer[] {
    return this.#table
      .all()
      .flatMap(({ ours, offer }) => (offer && ours !== 'agreed' ? [offer] : []))
  }

  get attachedCount(): number {
    return this.#table.all().filter(({ replicating }) => replicating).length
  }

  /** How the peer has answered our word on a stream: agreed, why it declined, or not yet. */
  answer(id: Uint8Array): 'attached' | DeclineReason | undefined {
    const agreement = this.#table.get(id)
    return agreement?.replicating ? 'attached' : agreement?.declined
  }

  want(id: Uint8Array): void {
    const stream = this.#context.directory.get(id)
    if (stream === undefined) {
      throw multiplexerError(
        'STREAM_NOT_FOUND',
        'the container has no such stream open, so its key is not known; open the stream first',
      )
    }
    const agreement = this.#table.open(id, stream)
    agreement.refused = false
    // It was declined before; the peer may have thought better of it.
    if (agreement.theirs === 'declined') {
      agreement.unhear()
      agreement.said = false
    }
    this.#agree(agreement, 'want')
  }

  accept(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement?.theirs !== 'agreed') {
      throw multiplexerError(
        'OFFER_NOT_FOUND',
        'the peer does not offer this stream now; look at the offers of the connection',
      )
    }
    agreement.refused = false
    if (agreement.stream === undefined) agreement.ours = 'willing'
    else if (this.#prove(agreement)) this.#agree(agreement, 'accept')
  }

  withdraw(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) {
      throw multiplexerError(
        'STREAM_NOT_FOUND',
        'nothing was said of this stream on this connection; look at its offers',
      )
    }
    agreement.refused = true
    if (agreement.said) this.#takeBack(agreement)
    else if (agreement.ours !== 'declined') this.#decline(agreement, 'policy')
  }

  onWant({ id, proof }: ProvenId): void {
    const agreement = this.#open(id)
    agreement.hear(proof)
    // Where it is not open here, the want is remembered, and accepted when it is.
    if (agreement.stream === undefined) this.#sayDecline(id, 'unknown')
    else this.#consider(agreement, 'want')
  }

  onOffer(record: OfferRecord): void {
    // A record has one log at least.
    const [{ discoveryKey: id }] = record.logs as [OfferRecord['logs'][number]]
    this.counts.offersReceived++
    if (!this.#peer.provedRoot) return this.#sayDecline(id, 'not-entitled')
    const agreement = this.#open(id)
    agreement.hear(record.proof, record)
    this.#context.listener.offered(agreement.offer as Offer)
    this.#consider(agreement, 'offer')
  }

  onAccept({ id, proof }: ProvenId): void {
    // Also where we have withdrawn meanwhile: the peer's word stands until it takes it back.
    const agreement = this.#open(id)
    agreement.hear(proof)
    if (agreement.stream !== undefined) this.#consider(agreement, 'want')
  }

  onDecline({ id, reason }: Decline): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    agreement.unhear(reason)
    this.counts.declinedByPeer++
    this.#settle(agreement)
    this.#context.listener.declined(id, reason, 'peer')
  }

  onWithdraw(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    agreement.unhear()
    if (!agreement.said) agreement.ours = 'silent'
    this.#settle(agreement)
  }

  streamAdded(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement?.theirs !== 'agreed') return this.#offer(stream)
    this.#table.open(stream.id, stream)
    if (!this.#prove(agreement)) return
    if (agreement.ours === 'willing') this.#agree(agreement, 'accept')
    // What a policy has declined stays so; the policy has seen all that there is to see.
    else if (agreement.ours !== 'declined')
      this.#consider(agreement, agreement.record ? 'offer' : 'want')
  }

  streamChanged(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement?.stream === undefined) return
    agreement.stream = stream
    this.#settle(agreement)
    const { said, shown, isAttached } = agreement
    if (said && !isAttached && shown !== undefined && shown !== describe(stream)) {
      this.#sayOffer(agreement, stream)
    }
  }

  streamRemoved(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    this.#table.close(agreement)
    agreement.proven = false
    if (agreement.said) this.#takeBack(agreement)
    else this.#settle(agreement)
    agreement.ours = 'silent'
  }

  /** The peer, too, has attached a log. A stream goes by the discovery key of its indexer. */
  logOpened(discoveryKey: Uint8Array): void {
    const agreement = this.#table.get(discoveryKey)
    if (agreement === undefined || !agreement.isAttached || agreement.replicating) return
    agreement.replicating = true
    this.#context.listener.attached(agreement.id)
  }

  /** Detaches everything; nothing is said any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#context.control.end()
    await Promise.all(this.#table.all().map((agreement) => this.#detach(agreement)))
  }

  /** The agreement on a stream that the peer speaks of. */
  #open(id: Uint8Array): Agreement {
    const { directory, limits } = this.#context
    const max = this.#peer.provedRoot ? limits.offersPendingMax : limits.wantsPendingMax
    return this.#table.open(id, directory.get(id), max)
  }

  /** The peer has agreed to a stream: does this side? */
  #consider(agreement: Agreement, word: 'want' | 'offer'): void {
    const { stream, offer, ours } = agreement
    const { directory, policies } = this.#context
    if (stream !== undefined && !this.#prove(agreement)) return
    if (directory.isRoot(agreement.id)) return this.#agree(agreement, 'accept')
    if (agreement.refused) return this.#decline(agreement, 'policy')
    // The answer to the question that is being asked will do.
    if (ours === 'asking') return
    const isTaking = word === 'offer' && !(stream && isOwn(stream))
    if (ours === 'agreed' && !isTaking) return this.#settle(agreement)
    const answer = isTaking
      ? policies.takes(offer as Offer, this.#peer)
      : policies.shows(stream as ReplicableStream, this.#peer)
    this.#when(agreement, answer, (yes) => {
      if (!yes) this.#decline(agreement, 'policy')
      else if (agreement.stream === undefined) agreement.ours = 'willing'
      else if (this.#prove(agreement)) this.#agree(agreement, 'accept')
    })
  }

  /** Shows a stream to a peer that may see all, where the policy shows it. */
  #offer(stream: ReplicableStream): void {
    const { limits, logger, directory, policies } = this.#context
    if (!this.#peer.provedRoot || directory.isRoot(stream.id)) return
    if (this.counts.offered >= limits.streamsPerPeerMax) {
      const { streamsPerPeerMax } = limits
      logger.warn('a stream is not offered: the peer was offered as many as it may', {
        streamsPerPeerMax,
      })
      return
    }
    const agreement = this.#table.open(stream.id, stream)
    const { ours, theirs, refused } = agreement
    if (refused || ours === 'agreed' || ours === 'asking') return
    if (ours === 'declined' && theirs === 'agreed') return
    this.#when(agreement, policies.shows(stream, this.#peer), (yes) => {
      if (yes) return this.#agree(agreement, agreement.theirs === 'agreed' ? 'accept' : 'offer')
      agreement.ours = 'silent'
      // Its own offer, which came meanwhile, is still to be answered.
      if (agreement.theirs === 'agreed')
        this.#consider(agreement, agreement.record ? 'offer' : 'want')
    })
  }

  /** Goes on with the answer of a policy, at once where it can; an answer that is void is dropped. */
  #when(
    agreement: Agreement,
    answer: boolean | Promise<boolean>,
    then: (yes: boolean) => void,
  ): void {
    if (typeof answer === 'boolean') return then(answer)
    agreement.ours = 'asking'
    const { question } = agreement
    const goOn = (yes: boolean) => {
      if (!this.#closed && agreement.question === question) then(yes)
    }
    answer.then(goOn).catch((error: unknown) => this.#context.listener.failed(error))
  }

  /** Says our word, with our proof, unless the peer has it already. */
  #agree(agreement: Agreement, word: 'want' | 'offer' | 'accept'): void {
    const stream = agreement.stream as ReplicableStream
    agreement.ours = 'agreed'
    if (!agreement.said) {
      agreement.said = true
      if (word === 'offer') this.#sayOffer(agreement, stream)
      else
        this.#context.control[word]({ id: agreement.id, proof: this.#context.prover.prove(stream) })
    }
    this.#settle(agreement)
  }

  #sayOffer(agreement: Agreement, stream: ReplicableStream): void {
    if (agreement.shown === undefined) this.counts.offered++
    agreement.shown = describe(stream)
    this.#context.control.offer(showStream(stream, this.#context.prover.prove(stream)))
  }

  #takeBack(agreement: Agreement): void {
    agreement.ours = 'declined'
    agreement.said = false
    this.#context.control.withdraw(agreement.id)
    this.#settle(agreement)
  }

  #decline(agreement: Agreement, reason: DeclineReason): void {
    agreement.ours = 'declined'
    agreement.said = false
    this.#sayDecline(agreement.id, reason)
    this.#settle(agreement)
  }

  #sayDecline(id: Uint8Array, reason: DeclineReason): void {
    this.counts.declined++
    this.#context.control.decline({ id, reason })
    this.#context.listener.declined(id, reason, 'us')
  }

  /** Whether the peer's proof is right. A wrong one costs the stream: it is declined, all else goes on. */
  #prove(agreement: Agreement): boolean {
    if (agreement.proven) return true
    const { prover, directory, listener } = this.#context
    const { proof, stream } = agreement
    if (proof === undefined || stream === undefined) return false
    if (prover.isProven(stream, proof)) {
      agreement.proven = true
      listener.proven()
      if (directory.isRoot(stream.id)) this.#entitle()
      return true
    }
    this.counts.proofsWrong++
    agreement.unhear()
    this.#decline(agreement, 'proof-wrong')
    return false
  }

  #entitle(): void {
    if (this.#peer.provedRoot) return
    this.#peer.provedRoot = true
    // When our answer to the proof has left: before it the peer takes only small pieces.
    setImmediate(() => this.#offerAll())
  }

  #offerAll(): void {
    const { directory, listener } = this.#context
    if (this.#closed) return
    try {
      for (const stream of directory.others()) this.#offer(stream)
    } catch (error) {
      listener.failed(error)
    }
  }

  /** Attaches or detaches the logs, as the words of both sides now are. */
  #settle(agreement: Agreement): void {
    if (this.#closed) return
    if (!agreement.isAgreed || !this.#prove(agreement)) {
      if (agreement.isAttached) void this.#detach(agreement)
      else if (agreement.isIdle) this.#table.delete(agreement)
      return
    }
    // It is settled again when that has ended.
    if (agreement.isDetaching) return
    try {
      agreement.attach(this.#context.muxer)
    } catch (error) {
      this.#context.logger.warn('a stream could not be attached, so it is withdrawn', { error })
      this.#takeBack(agreement)
    }
  }

  async #detach(agreement: Agreement): Promise<void> {
    if (!agreement.isAttached) return
    try {
      const { muxer, opened } = this.#context
      const { replicating } = agreement
      const detaching = agreement.detach(muxer, opened)
      if (replicating) this.#context.listener.detached(agreement.id)
      await detaching
    } catch (error) {
      this.#context.logger.warn('a log was not detached cleanly', { error })
    }
    this.#settle(agreement)
  }

  #crowdedOut(agreement: Agreement): void {
    const { record, ours } = agreement
    if (record !== undefined && ours !== 'declined') this.#decline(agreement, 'too-many')
  }
}

// What of a stream makes an offer of it worth saying again.
function describe({ type, labels }: ReplicableStream): string {
  return JSON.stringify([type, labels])
}
