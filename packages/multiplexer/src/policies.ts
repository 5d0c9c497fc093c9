import type { ReplicableStream } from '@datagram/container'
import type { AcceptPolicy, Logger, Offer, OfferPolicy, Peer } from './policy.ts'
import { streamBytes } from './shown-stream.ts'

type Answer = boolean | Promise<boolean>

/** The policies of a multiplexer as questions. A policy that fails says no, and the logger hears of it. */
export class Policies {
  readonly #offer: OfferPolicy
  readonly #accept: AcceptPolicy
  readonly #logger: Logger

  constructor(offer: OfferPolicy, accept: AcceptPolicy, logger: Logger) {
    this.#offer = offer
    this.#accept = accept
    this.#logger = logger
  }

  /** Whether a stream that is open here goes to the peer. Streams of others have to be taken as well. */
  shows(stream: ReplicableStream, peer: Peer): Answer {
    const shown = this.#ask(() => this.#offer(stream, peer))
    if (isOwn(stream)) return shown
    if (typeof shown === 'boolean') return shown && this.takes(offerOf(stream), peer)
    return shown.then((yes) => yes && this.takes(offerOf(stream), peer))
  }

  /** Whether a stream that the peer offers is taken. */
  takes(offer: Offer, peer: Peer): Answer {
    return this.#ask(() => this.#accept(offer, peer))
  }

  #ask(question: () => Answer): Answer {
    try {
      const answer = question()
      if (typeof answer === 'boolean') return answer
      return Promise.resolve(answer).then(
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

function offerOf(stream: ReplicableStream): Offer {
  const { id, type, labels, logs } = stream
  return { id, type, labels, logs, bytes: streamBytes(stream) }
}
