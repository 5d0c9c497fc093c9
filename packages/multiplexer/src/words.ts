import type { ReplicableStream } from '@datagram/container'
import { type Agreement, lengthsOf } from './agreement.ts'
import type { AgreementTable } from './agreement-table.ts'
import type { DeclineReason } from './decline.ts'
import type { NegotiationContext, StreamCounts } from './negotiation-context.ts'
import { Replication } from './replication.ts'
import type { ProvenId } from './proven-id.ts'
import { historiesOf } from './log-histories.ts'
import { shownOf, showStream } from './shown-stream.ts'

/** Says our word on streams, and has their logs attached while both words stand. */
export class Words {
  readonly counts: StreamCounts = {
    offered: 0,
    offersReceived: 0,
    declined: 0,
    declinedByPeer: 0,
    proofsWrong: 0,
  }
  readonly replication: Replication
  readonly #context: NegotiationContext
  readonly #table: AgreementTable
  readonly #entitle: () => void
  readonly #describes: () => boolean
  #isClosed = false

  /** `entitle`: the peer has proved the root. `describes`: whether the peer may know the types and labels of streams. */
  constructor(
    context: NegotiationContext,
    table: AgreementTable,
    entitle: () => void,
    describes: () => boolean,
  ) {
    this.#context = context
    this.#describes = describes
    this.#table = table
    this.#entitle = entitle
    this.replication = new Replication(context, table, (agreement) => this.settle(agreement))
  }

  /** Detaches everything; nothing is said any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.replication.close()
  }

  /** Says our word, with our proof, unless the peer has it already. */
  agree(agreement: Agreement, word: 'want' | 'offer' | 'accept'): void {
    const stream = agreement.stream as ReplicableStream
    agreement.ours = 'agreed'
    if (!agreement.said) {
      agreement.said = true
      if (word === 'offer') this.sayOffer(agreement, stream)
      else this.#context.control[word](this.#proofsOf(stream))
    }
    this.settle(agreement)
  }

  /** Says what is to be said of a stream, in an offer. */
  sayOffer(agreement: Agreement, stream: ReplicableStream): void {
    this.show(agreement, stream)
    agreement.told = lengthsOf(stream)
    const { prover, control } = this.#context
    const said = { isDescribed: this.#describes(), histories: historiesOf(stream, prover) }
    control.offer(showStream(stream, prover.prove(stream), said))
  }

  /** Counts the stream as shown, as it is now. */
  show(agreement: Agreement, stream: ReplicableStream): void {
    if (agreement.shown === undefined) this.counts.offered++
    agreement.shown = shownOf(stream)
  }

  /** Takes our word back. */
  takeBack(agreement: Agreement): void {
    agreement.ours = 'declined'
    agreement.said = false
    this.#context.control.withdraw(agreement.id)
    this.settle(agreement)
  }

  /** Gives the word that this side takes no part. */
  decline(agreement: Agreement, reason: DeclineReason): void {
    agreement.ours = 'declined'
    agreement.said = false
    this.sayDecline(agreement.id, reason)
    this.settle(agreement)
  }

  /** Tells the peer so, also of a stream that nothing is kept of. */
  sayDecline(id: Uint8Array, reason: DeclineReason): void {
    this.counts.declined++
    this.#context.control.decline({ id, reason })
    this.#context.listener.declined(id, reason, 'us')
  }

  /** Whether the peer's proof is right. A wrong one costs the stream: it is declined, all else goes on. */
  prove(agreement: Agreement): boolean {
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
    this.decline(agreement, 'proof-wrong')
    return false
  }

  #proofsOf(stream: ReplicableStream): ProvenId {
    const { prover, directory } = this.#context
    const known = { id: stream.id, proof: prover.prove(stream) }
    const readProof = directory.isRoot(stream.id) ? prover.proveReading(stream) : undefined
    return readProof === undefined ? known : { ...known, readProof }
  }

  /** Attaches or detaches the logs, as the words of both sides now are. */
  settle(agreement: Agreement): void {
    if (this.#isClosed) return
    try {
      this.replication.settle(agreement, agreement.isAgreed && this.prove(agreement))
    } catch (error) {
      this.#context.logger.warn('a stream could not be attached, so it is withdrawn', { error })
      this.takeBack(agreement)
    }
    if (agreement.isIdle) this.#table.delete(agreement)
  }
}
