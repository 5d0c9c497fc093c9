import type { ReplicableStream } from '@datagram/container'
import type { ForkNews } from '@datagram/log-core'
import type { Agreement } from './agreement.ts'
import { AgreementTable } from './agreement-table.ts'
import type { Announce } from './announce.ts'
import type { Decline, DeclineReason } from './decline.ts'
import { Deliberation } from './deliberation.ts'
import type { Digest } from './digest.ts'
import type { StreamFilter } from './filter.ts'
import { FEATURE_FRUGAL, FEATURE_HISTORIES, type Hello } from './hello.ts'
import { Introduction } from './introduction.ts'
import { logsThatDiffer } from './log-histories.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import type { NegotiationContext, StreamCounts } from './negotiation-context.ts'
import type { OfferRecord } from './offer-record.ts'
import type { Offer, Peer } from './policy.ts'
import type { ProvenId } from './proven-id.ts'
import type { Replication } from './replication.ts'
import { Rounds } from './rounds.ts'
import type { DirectoryListener } from './stream-directory.ts'
import { isOpenFilter } from './stream-filter.ts'
import { streamForbidden } from './stream-forbidden.ts'
import { Words } from './words.ts'

/**
 * Which streams one connection carries. Each side says its word about a stream (want, offer, accept;
 * decline, withdraw), and while both have agreed, the stream's logs are attached.
 */
export class Negotiation implements DirectoryListener {
  readonly #context: NegotiationContext
  readonly #table: AgreementTable
  readonly #peer: { readonly publicKey: Uint8Array; provedRoot: boolean; provedReading: boolean }
  readonly #rounds: Rounds
  readonly #words: Words
  readonly #deliberation: Deliberation
  readonly #introduction: Introduction
  #closed = false
  #saidFilter: StreamFilter | undefined

  constructor(context: NegotiationContext) {
    this.#context = context
    this.#rounds = new Rounds((number) => context.control.ask(number))
    this.#peer = { publicKey: context.peerKey, provedRoot: false, provedReading: false }
    this.#table = new AgreementTable((agreement) => this.#crowdedOut(agreement))
    const describes = () => this.#describes
    this.#words = new Words(context, this.#table, () => this.#entitle(), describes)
    const parts = { context, table: this.#table, words: this.#words, peer: this.#peer }
    this.#deliberation = new Deliberation({ ...parts, describes })
    this.#introduction = new Introduction(context, this.#words, this.#deliberation)
  }

  /** The peer has said what it can do. */
  greeted({ features }: Hello): void {
    if ((features & FEATURE_FRUGAL) !== 0) this.replication.beFrugal()
    this.#introduction.comparesHistories = (features & FEATURE_HISTORIES) !== 0
  }

  get counts(): StreamCounts {
    return this.#words.counts
  }

  /** The logs of what was agreed. */
  get replication(): Replication {
    return this.#words.replication
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

  get openCount(): number {
    return this.#table.all().filter(({ isAttached }) => isAttached).length
  }

  /** How the peer has answered our word on a stream: agreed, why it declined, or not yet. */
  answer(id: Uint8Array): 'attached' | DeclineReason | undefined {
    const agreement = this.#table.get(id)
    return agreement?.replicating ? 'attached' : agreement?.declined
  }

  /** Says what this side looks for, whoever the peer is: the root. */
  begin(): void {
    // Before the peer is shown the root's proof, upon which it begins to offer.
    this.#sayFilter()
    this.want(this.#context.directory.root.id)
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
    agreement.insisted = true
    // It was declined before; the peer may have thought better of it.
    if (agreement.theirs === 'declined') {
      agreement.unhear()
      agreement.said = false
    }
    if (!this.#deliberation.isForbidden(agreement)) return this.#words.agree(agreement, 'want')
    agreement.ours = 'declined'
    throw streamForbidden()
  }

  accept(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement?.theirs !== 'agreed') {
      throw multiplexerError(
        'OFFER_NOT_FOUND',
        'the peer does not offer this stream now; look at the offers of the connection',
      )
    }
    if (this.#deliberation.isForbidden(agreement)) throw streamForbidden()
    agreement.refused = false
    agreement.insisted = true
    if (agreement.stream === undefined) agreement.ours = 'willing'
    else if (this.#words.prove(agreement)) this.#words.agree(agreement, 'accept')
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
    agreement.insisted = false
    if (agreement.said) this.#words.takeBack(agreement)
    else if (agreement.ours !== 'declined') this.#words.decline(agreement, 'policy')
  }

  onWant({ id, proof, readProof }: ProvenId): void {
    this.#hearReading(id, readProof)
    const agreement = this.#open(id)
    agreement.hear(proof)
    // Where it is not open here, the want is remembered, and accepted when it is.
    if (agreement.stream === undefined) this.#words.sayDecline(id, 'unknown')
    else this.#deliberation.consider(agreement, 'want')
  }

  onOffer(record: OfferRecord): void {
    // A record has one log at least.
    const [{ discoveryKey: id }] = record.logs as [OfferRecord['logs'][number]]
    this.counts.offersReceived++
    if (!this.#peer.provedRoot) return this.#words.sayDecline(id, 'not-entitled')
    const agreement = this.#open(id)
    agreement.hear(record.proof, record)
    this.#context.listener.offered(agreement.offer as Offer)
    this.#deliberation.consider(agreement, 'offer')
    const { stream, proven } = agreement
    if (stream === undefined || !proven) return
    for (const log of record.logs) {
      this.#context.witness.hear(stream, log.discoveryKey, log.length)
    }
    for (const { discoveryKey, length } of logsThatDiffer(stream, record, this.#context.prover)) {
      this.#context.witness.differs(stream, discoveryKey, length)
    }
  }

  onAccept({ id, proof, readProof }: ProvenId): void {
    this.#hearReading(id, readProof)
    // Also where we have withdrawn meanwhile: the peer's word stands until it takes it back.
    const agreement = this.#open(id)
    agreement.hear(proof)
    if (agreement.stream !== undefined) this.#deliberation.consider(agreement, 'want')
  }

  onAnnounce({ id, lengths }: Announce): void {
    const agreement = this.#table.get(id)
    if (agreement?.theirs !== 'agreed') return
    agreement.theirLengths = lengths
    agreement.rests = false
    const { stream, proven } = agreement
    // Hosts of older versions name the logs of a container's own stream in another order.
    if (stream !== undefined && proven && !this.#context.directory.isRoot(id)) {
      this.#context.witness.hearAll(stream, lengths)
    }
    this.#words.settle(agreement)
  }

  onDigest(message: Digest): void {
    this.#introduction.hear(message)
  }

  onAsk(number: number): void {
    // Behind all that is said in this turn.
    setImmediate(() => {
      if (!this.#closed) this.#context.control.told(number)
    })
  }

  onTold(number: number): void {
    this.#rounds.told(number)
  }

  onFilter(filter: StreamFilter): void {
    this.#deliberation.filterBy(filter)
  }

  onDecline({ id, reason }: Decline): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    agreement.unhear(reason)
    this.counts.declinedByPeer++
    this.#words.settle(agreement)
    this.#context.listener.declined(id, reason, 'peer')
  }

  onWithdraw(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    agreement.unhear()
    agreement.theirs = 'withdrawn'
    if (!agreement.said) agreement.ours = 'silent'
    this.#words.settle(agreement)
  }

  streamAdded(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement?.theirs !== 'agreed') return this.#deliberation.offer(stream)
    this.#table.open(stream.id, stream)
    if (!this.#words.prove(agreement)) return
    const { ours, insisted } = agreement
    // Who made it, and what it is called here, no offer has told.
    const isMoreKnown = (stream.name ?? stream.author) !== undefined
    if (ours === 'willing' && (insisted || !isMoreKnown)) this.#words.agree(agreement, 'accept')
    else if (ours === 'willing') this.#deliberation.reconsider(agreement)
    else if (ours !== 'declined') this.#deliberation.consider(agreement)
    // What a policy has declined stays so, unless there is more to see now.
    else if (isMoreKnown) this.#deliberation.reconsider(agreement)
  }

  streamChanged(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement?.stream === undefined) return
    this.#deliberation.changed(agreement, stream)
  }

  streamRemoved(id: Uint8Array): void {
    const agreement = this.#table.get(id)
    if (agreement === undefined) return
    this.#table.close(agreement)
    agreement.proven = false
    agreement.insisted = false
    if (agreement.said) this.#words.takeBack(agreement)
    else this.#words.settle(agreement)
    // Where it is in a digest, it is taken back when that is compared.
    agreement.ours = 'silent'
  }

  streamGrew(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement !== undefined) this.replication.grew(agreement)
  }

  streamForked(stream: ReplicableStream, logId: Uint8Array, news: ForkNews): void {
    this.#context.witness.forked(stream, logId, news)
  }

  streamWanted(stream: ReplicableStream): void {
    const agreement = this.#table.get(stream.id)
    if (agreement?.stream === undefined) return
    agreement.rests = false
    this.#words.settle(agreement)
  }

  isComing(stream: ReplicableStream): boolean {
    const agreement = this.#table.get(stream.id)
    return agreement !== undefined && this.replication.isComing(agreement)
  }

  async refresh({ id }: ReplicableStream): Promise<void> {
    const agreement = this.#table.get(id)
    const words = [agreement?.ours, agreement?.theirs]
    const isOver = words.includes('declined') || words.includes('withdrawn')
    if (!this.replication.isFrugal || isOver) return
    // What differs in the digests the peer offers when it has both: only an answer that is asked for after them tells all.
    const wereCompared = this.#introduction.isOver
    const isAnswered = await this.#round()
    if (isAnswered && !wereCompared && this.#peer.provedRoot) await this.#round()
  }

  /** Whether the peer shares a stream, and this side takes part, as far as both have said. */
  isShared(id: Uint8Array): boolean {
    const agreement = this.#table.get(id)
    return agreement?.theirs === 'agreed' && agreement.ours !== 'declined'
  }

  /** The policies have changed. */
  reconsider(): void {
    try {
      if (this.#closed) return
      this.#sayFilter()
      this.#deliberation.reconsiderAll()
    } catch (error) {
      this.#context.listener.failed(error)
    }
  }

  /** Detaches everything; nothing is said any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#deliberation.close()
    this.#introduction.close()
    this.#context.control.end()
    this.#rounds.close()
    await this.#words.close()
  }

  async #round(): Promise<boolean> {
    const isAnswered = await this.#rounds.go()
    // Our own part of a digest may not have been said yet.
    await new Promise((resolve) => setImmediate(resolve))
    return isAnswered
  }

  #sayFilter(): void {
    const { policies, control } = this.#context
    if (policies.want === this.#saidFilter || (isOpenFilter(policies.want) && !this.#saidFilter))
      return
    this.#saidFilter = policies.want
    control.filter(policies.want)
  }

  /** The agreement on a stream that the peer speaks of. */
  #open(id: Uint8Array): Agreement {
    const { directory, limits } = this.#context
    const max = this.#peer.provedRoot ? limits.offersPendingMax : limits.wantsPendingMax
    return this.#table.open(id, directory.get(id), max)
  }

  // Of what this side cannot read itself it knows nothing to keep from anybody.
  get #describes(): boolean {
    return this.#peer.provedReading || this.#context.directory.root.readKey === undefined
  }

  #hearReading(id: Uint8Array, readProof: Uint8Array | undefined): void {
    const { directory, prover } = this.#context
    if (!directory.isRoot(id)) return
    this.#peer.provedReading ||= prover.isReadingProven(directory.root, readProof)
  }

  #entitle(): void {
    if (this.#peer.provedRoot) return
    this.#peer.provedRoot = true
    // When our answer to the proof has left: before it the peer takes only small pieces.
    setImmediate(() => this.#introduction.begin())
  }

  #crowdedOut(agreement: Agreement): void {
    const { record, ours } = agreement
    if (record !== undefined && ours !== 'declined') this.#words.decline(agreement, 'too-many')
  }
}
