import type { ReplicableStream } from '@datagram/container'
import { bounded } from '@datagram/log-core'
import type { StreamFilter } from './filter.ts'
import type {
  AcceptPolicy,
  ForbidPolicy,
  LivePolicies,
  Logger,
  Offer,
  OfferPolicy,
  Peer,
  PolicyAnswer,
  PolicySet,
} from './policy.ts'
import { chained, isPending } from './policy-chain.ts'
import { streamBytes } from './shown-stream.ts'
import { checkedFilter, matches } from './stream-filter.ts'

/** The policies of a multiplexer as questions. A policy that fails says no, and the logger hears of it. */
export class Policies implements LivePolicies {
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #listeners = new Set<() => void>()
  #offer: OfferPolicy = () => true
  #accept: AcceptPolicy = () => true
  #forbid: ForbidPolicy = () => false
  #want: StreamFilter = {}
  #version = 0

  /** `timeoutMs`: how long a policy may think. Throws a TypeError for policies that are no functions. */
  constructor(policies: PolicySet, timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs
    this.#logger = logger
    this.#take(policies)
  }

  /** Changes whenever streams have to be asked about again. */
  get version(): number {
    return this.#version
  }

  /** What this side wants to hear of. */
  get want(): StreamFilter {
    return this.#want
  }

  use(policies: PolicySet): void {
    if (typeof policies !== 'object' || policies === null) {
      throw new TypeError('policies are an object of { offer, accept, want, forbid }')
    }
    this.#take(policies)
    this.refresh()
  }

  refresh(): void {
    this.#version++
    for (const listener of [...this.#listeners]) listener()
  }

  /** Calls back when streams have to be asked about again; returns the undo. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Whether a stream has no part in anything, whatever else was said of it. */
  forbids(subject: ReplicableStream | Offer, peer: Peer): boolean {
    try {
      return this.#forbid(subject, peer)
    } catch (error) {
      this.#failed(error)
      return true
    }
  }

  /** Whether a stream that is open here goes to the peer. Streams of others have to be taken as well. */
  shows(stream: ReplicableStream, peer: Peer): PolicyAnswer {
    const shown = this.#ask('offer', () => this.#offer(stream, peer))
    if (isOwn(stream)) return shown
    if (this.forbids(stream, peer)) return false
    if (typeof shown === 'boolean') return shown && this.takes(offerOf(stream), peer)
    return shown.then((yes) => yes && this.takes(offerOf(stream), peer))
  }

  /** Whether a stream that the peer offers is taken. */
  takes(offer: Offer, peer: Peer): PolicyAnswer {
    if (this.forbids(offer, peer) || !matches(this.#want, offer)) return false
    return this.#ask('accept', () => this.#accept(offer, peer))
  }

  #take({ offer, accept, want, forbid = this.#forbid }: PolicySet): void {
    if (typeof forbid !== 'function') throw new TypeError('the forbid policy is a function')
    const next = {
      offer: offer === undefined ? this.#offer : chained('offer', offer),
      accept: accept === undefined ? this.#accept : chained('accept', accept),
      want: want === undefined ? this.#want : checkedFilter(want),
    }
    this.#offer = next.offer
    this.#accept = next.accept
    this.#want = next.want
    this.#forbid = forbid
  }

  #ask(which: string, question: () => PolicyAnswer): PolicyAnswer {
    try {
      const answer = question()
      if (!isPending(answer)) return answer === true
      const wait = { timeoutMs: this.#timeoutMs }
      return bounded(Promise.resolve(answer), `the answer of the ${which} policy`, wait).then(
        (yes) => yes === true,
        (error: unknown) => this.#failed(error),
      )
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): false {
    this.#logger.warn('a policy failed, which counts as a no', { error })
    return false
  }
}

/** Whether this side writes the stream: there is nothing to be taken of it. */
export function isOwn({ logs }: ReplicableStream): boolean {
  return logs.some((log) => 'writable' in log && log.writable === true)
}

/** A stream that is open here, as if a peer offered it. */
export function offerOf(stream: ReplicableStream): Offer {
  const { id, name, type, labels, logs, author, origin } = stream
  return { id, name, type, labels, logs, author, origin, bytes: streamBytes(stream) }
}
