import type { ReplicableStream } from '@datagram/container'
import type { Agreement } from './agreement.ts'
import type { AgreementTable } from './agreement-table.ts'
import type { StreamFilter } from './filter.ts'
import type { NegotiationContext } from './negotiation-context.ts'
import { isOwn, offerOf } from './policies.ts'
import type { Offer, Peer, PolicyAnswer } from './policy.ts'
import { descriptionOf, shownOf, streamBytes } from './shown-stream.ts'
import { matches } from './stream-filter.ts'
import type { Words } from './words.ts'

export interface DeliberationParts {
  readonly context: NegotiationContext
  readonly table: AgreementTable
  readonly words: Words
  readonly peer: Peer
  /** Whether the peer may know the types and labels of streams. */
  readonly describes: () => boolean
}

/** Asks the policies about the streams of one connection, and gives our word as they answer. */
export class Deliberation {
  readonly #context: NegotiationContext
  readonly #table: AgreementTable
  readonly #words: Words
  readonly #peer: Peer
  readonly #describes: () => boolean
  #isClosed = false
  /** What the peer wants to be offered. */
  #filter: StreamFilter = {}

  constructor({ context, table, words, peer, describes }: DeliberationParts) {
    this.#context = context
    this.#table = table
    this.#words = words
    this.#peer = peer
    this.#describes = describes
  }

  /** No answer counts any more. */
  close(): void {
    this.#isClosed = true
  }

  /** The peer has agreed to a stream: does this side? */
  consider(agreement: Agreement, word: 'want' | 'offer' = agreement.theirWord): void {
    const { stream, ours } = agreement
    if (stream !== undefined && !this.#words.prove(agreement)) return
    if (this.#context.directory.isRoot(agreement.id)) return this.#words.agree(agreement, 'accept')
    if (agreement.refused) return this.#words.decline(agreement, 'policy')
    // The answer to the question that is being asked will do.
    if (ours === 'asking') return
    if (ours === 'agreed' && !isTaken(agreement, word)) return this.#words.settle(agreement)
    this.#ask(agreement, word, () => this.#words.decline(agreement, 'policy'))
  }

  /** Shows a stream to a peer that may see all, where the policy shows it; `say` says it. */
  offer(
    stream: ReplicableStream,
    say = (agreement: Agreement) => this.#words.agree(agreement, 'offer'),
  ): void {
    const { limits, logger, directory, policies } = this.#context
    if (!this.#peer.provedRoot || directory.isRoot(stream.id)) return
    if (this.#words.counts.offered >= limits.streamsPerPeerMax) {
      const { streamsPerPeerMax } = limits
      logger.warn('a stream is not offered: the peer was offered as many as it may', {
        streamsPerPeerMax,
      })
      return
    }
    const agreement = this.#table.open(stream.id, stream)
    const { ours, theirs, refused, inDigest } = agreement
    if (refused || inDigest || ours === 'agreed' || ours === 'asking') return
    if (ours === 'declined' && theirs === 'agreed') return
    const shown = this.#isWanted(stream) && policies.shows(stream, this.#peer)
    this.#when(agreement, shown, (yes) => {
      if (yes)
        return agreement.theirs === 'agreed'
          ? this.#words.agree(agreement, 'accept')
          : say(agreement)
      agreement.ours = 'silent'
      // Its own offer, which came meanwhile, is still to be answered.
      if (agreement.theirs === 'agreed') this.consider(agreement)
    })
  }

  /** The peer says what it wants to be offered from now on. What it was offered before it takes or leaves itself. */
  filterBy(filter: StreamFilter): void {
    this.#filter = filter
    for (const stream of this.#context.directory.others()) {
      if ((this.#table.get(stream.id)?.ours ?? 'silent') === 'silent') this.offer(stream)
    }
  }

  /** The policies may answer otherwise than they did: asks about everything once more. */
  reconsiderAll(): void {
    for (const agreement of this.#table.all()) this.reconsider(agreement)
    for (const stream of this.#context.directory.others()) {
      if (this.#table.get(stream.id) === undefined) this.offer(stream)
    }
  }

  /** Asks once more about one stream; what was accepted or withdrawn by hand stays. */
  reconsider(agreement: Agreement): void {
    const { id, stream, ours, theirs, record } = agreement
    if (this.#context.directory.isRoot(id) || agreement.refused || agreement.inDigest) return
    if (agreement.insisted) return this.#insist(agreement)
    if (ours === 'agreed') return this.#doubt(agreement)
    // Its answer is void: the question has changed.
    if (ours === 'asking') agreement.ours = 'silent'
    if (theirs !== 'agreed') {
      if (stream !== undefined) this.offer(stream)
      return
    }
    if (stream === undefined ? record === undefined : !this.#words.prove(agreement)) return
    // The peer knows already that it is declined.
    const refuse = () => {
      if (ours === 'declined') agreement.ours = 'declined'
      else this.#words.decline(agreement, 'policy')
    }
    this.#ask(agreement, agreement.theirWord, refuse)
  }

  /** A stream that is agreed on, or was spoken of, is another than it was. */
  changed(agreement: Agreement, stream: ReplicableStream): void {
    agreement.stream = stream
    this.#words.settle(agreement)
    const description = descriptionOf(stream)
    const isChanged = agreement.description !== description
    agreement.description = description
    if (isChanged) this.reconsider(agreement)
    const { said, shown } = agreement
    if (said && shown !== undefined && shown !== shownOf(stream) && this.#describes()) {
      this.#words.sayOffer(agreement, stream)
    }
  }

  /** Whether a stream has no part in anything; what this side writes always may. */
  isForbidden({ stream, offer }: Agreement): boolean {
    if (stream !== undefined && isOwn(stream)) return false
    const subject = offer ?? stream
    return subject !== undefined && this.#context.policies.forbids(subject, this.#peer)
  }

  /** What a user has decided stands, as long as it is not forbidden. */
  #insist(agreement: Agreement): void {
    const { ours, stream, theirs } = agreement
    if (this.isForbidden(agreement)) {
      if (ours === 'agreed') this.#words.takeBack(agreement)
      return
    }
    if (ours !== 'declined' || stream === undefined) return
    if (theirs !== 'agreed') this.#words.agree(agreement, 'want')
    else if (this.#words.prove(agreement)) this.#words.agree(agreement, 'accept')
  }

  /** Asks about a stream that is agreed on, which goes on until the answer is there. */
  #doubt(agreement: Agreement): void {
    agreement.doubt()
    const answer = this.#answer(agreement, agreement.theirWord)
    const goOn = (yes: boolean) => {
      if (!yes) this.#words.takeBack(agreement)
    }
    if (typeof answer === 'boolean') goOn(answer)
    else this.#later(agreement, answer, goOn)
  }

  // What is not known here the peer has to tell for itself.
  #isWanted(stream: ReplicableStream): boolean {
    const { type, labels } = stream
    if (type === '') return true
    // By what is offered it, a peer that may not know types and labels could tell them.
    const filter = this.#describes() ? this.#filter : { bytesMax: this.#filter.bytesMax }
    return matches(filter, { type, labels, bytes: streamBytes(stream) })
  }

  #ask(agreement: Agreement, word: 'want' | 'offer', refuse: () => void): void {
    this.#when(agreement, this.#answer(agreement, word), (yes) => {
      if (!yes) refuse()
      else if (agreement.stream === undefined) agreement.ours = 'willing'
      else if (this.#words.prove(agreement)) this.#words.agree(agreement, 'accept')
    })
  }

  #answer(agreement: Agreement, word: 'want' | 'offer'): PolicyAnswer {
    const { policies } = this.#context
    const stream = agreement.stream as ReplicableStream
    return isTaken(agreement, word)
      ? policies.takes((agreement.offer ?? offerOf(stream)) as Offer, this.#peer)
      : policies.shows(stream, this.#peer)
  }

  /** Goes on with the answer of a policy, at once where it can; an answer that is void is dropped. */
  #when(agreement: Agreement, answer: PolicyAnswer, then: (yes: boolean) => void): void {
    if (typeof answer === 'boolean') return then(answer)
    agreement.ours = 'asking'
    this.#later(agreement, answer, then)
  }

  #later(agreement: Agreement, answer: Promise<boolean>, then: (yes: boolean) => void): void {
    const { question } = agreement
    const goOn = (yes: boolean) => {
      if (!this.#isClosed && agreement.question === question) then(yes)
    }
    answer.then(goOn).catch((error: unknown) => this.#context.listener.failed(error))
  }
}

// Whether the stream would come from the peer; what this side writes does not.
function isTaken({ stream }: Agreement, word: 'want' | 'offer'): boolean {
  return word === 'offer' && !(stream && isOwn(stream))
}
