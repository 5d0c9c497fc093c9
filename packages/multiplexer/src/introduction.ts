import type { Agreement } from './agreement.ts'
import { lengthsOf } from './agreement.ts'
import type { Deliberation } from './deliberation.ts'
import type { Digest } from './digest.ts'
import { type DigestEntry, DigestExchange } from './digest-exchange.ts'
import { treeHashesOf } from './log-histories.ts'
import type { NegotiationContext } from './negotiation-context.ts'
import type { Words } from './words.ts'

/**
 * What is said of all streams at once, to a peer that has proved the root: a digest where the peer understands
 * one, else an offer of each.
 */
export class Introduction {
  readonly #context: NegotiationContext
  readonly #words: Words
  readonly #deliberation: Deliberation
  readonly #digests: DigestExchange
  #isClosed = false
  #saidVersion = 0
  /** Both sides compare the histories of logs, and not their lengths alone. */
  comparesHistories = false

  constructor(context: NegotiationContext, words: Words, deliberation: Deliberation) {
    this.#context = context
    this.#words = words
    this.#deliberation = deliberation
    this.#digests = new DigestExchange(
      context.prover,
      (message) => context.control.digest(message),
      (entry, isSame) => this.#compared(entry, isSame),
    )
  }

  /** Whether both sides have said their digests, and they were compared. */
  get isOver(): boolean {
    return this.#digests.isOver
  }

  /** Says what is shown to the peer. */
  begin(): void {
    const { directory, listener } = this.#context
    if (this.#isClosed) return
    try {
      if (this.#words.replication.isFrugal) return this.#sayDigest()
      for (const stream of directory.others()) this.#deliberation.offer(stream)
    } catch (error) {
      listener.failed(error)
    }
  }

  /** Takes what the peer says. */
  hear(message: Digest): void {
    this.#digests.hear(message)
  }

  close(): void {
    this.#isClosed = true
  }

  // What a policy has to think about is offered when it has.
  #sayDigest(): void {
    const entries: DigestEntry[] = []
    let isGathering = true
    for (const stream of this.#context.directory.others()) {
      this.#deliberation.offer(stream, (agreement) => {
        if (!isGathering) return this.#words.agree(agreement, 'offer')
        agreement.inDigest = true
        this.#words.show(agreement, stream)
        const treeHashes = this.comparesHistories ? treeHashesOf(stream) : undefined
        entries.push({ agreement, stream, lengths: lengthsOf(stream), treeHashes })
      })
    }
    isGathering = false
    this.#saidVersion = this.#context.policies.version
    this.#digests.say(entries)
  }

  #compared({ agreement, stream: said, lengths }: DigestEntry, isSame: boolean): void {
    agreement.inDigest = false
    const { stream, ours, refused } = agreement
    if (this.#isClosed || ours === 'agreed') return
    if (!isSame) {
      const isStill = stream !== undefined && ours === 'silent' && !refused
      // The policy has shown it already.
      if (isStill) this.#words.agree(agreement, agreement.theirs === 'agreed' ? 'accept' : 'offer')
      else this.#words.settle(agreement)
      this.#reconsiderSaid(agreement)
      return
    }
    // With that each side has given its word.
    agreement.said = true
    agreement.theirs = 'agreed'
    agreement.theirWord = 'offer'
    agreement.proven = true
    agreement.theirLengths = agreement.told = lengths
    this.#context.witness.hearAll(said, lengths)
    if (stream === undefined || refused || ours === 'declined')
      return this.#words.takeBack(agreement)
    agreement.ours = 'agreed'
    this.#deliberation.changed(agreement, stream)
    this.#reconsiderSaid(agreement)
  }

  // The policies may have changed since the digest was said.
  #reconsiderSaid(agreement: Agreement): void {
    if (this.#saidVersion !== this.#context.policies.version)
      this.#deliberation.reconsider(agreement)
  }
}
