import { bounded, type WaitOptions } from '@datagram/log-core'
import type { DeclineReason } from './decline.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { idKey } from './stream-directory.ts'

const ANSWER_TIMEOUT_MS = 10_000

// What may be the matter, for whom it is the whole container that was declined.
const rootRemedies: Readonly<Record<DeclineReason, string>> = {
  unknown: 'it does not hold what the link names; check the link and the address',
  'proof-wrong': 'the key does not fit what it names; the link is damaged, ask for it again',
  policy: 'it does not share it with us; ask its owner',
  'not-entitled': 'it does not share it with us; ask its owner',
  'too-many': 'it keeps no more streams; try again later',
  other: 'it does not say why; is its program newer?',
}

interface Waiter {
  readonly id: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Who waits for the peer's answer about a stream. */
export class Answers {
  readonly #waiters = new Set<Waiter>()

  /** Resolves when the stream is attached; rejects when it is declined, or with the wait's own error. */
  async wait(
    id: Uint8Array,
    { signal, timeoutMs = ANSWER_TIMEOUT_MS }: WaitOptions,
    closing: AbortSignal,
  ): Promise<void> {
    let waiter: Waiter | undefined
    const answer = new Promise<void>((resolve, reject) => {
      waiter = { id: idKey(id), resolve, reject }
      this.#waiters.add(waiter)
    })
    try {
      await bounded(answer, "the peer's answer", { signal, timeoutMs }, closing)
    } finally {
      this.#waiters.delete(waiter as Waiter)
    }
  }

  attached(id: Uint8Array): void {
    for (const waiter of this.#waitingFor(id)) waiter.resolve()
  }

  declined(id: Uint8Array, isRoot: boolean, reason: DeclineReason): void {
    for (const waiter of this.#waitingFor(id)) waiter.reject(declinedError(isRoot, reason))
  }

  #waitingFor(id: Uint8Array): Waiter[] {
    const key = idKey(id)
    return [...this.#waiters].filter((waiter) => waiter.id === key)
  }
}

/** What a decline means to whoever asked for the stream. */
export function declinedError(isRoot: boolean, reason: DeclineReason): Error {
  const why = rootRemedies[reason]
  return isRoot
    ? multiplexerError('ROOT_DECLINED', `the peer declines the container: ${why}`, {
        details: { reason },
      })
    : multiplexerError('STREAM_DECLINED', `the peer declines the stream: ${why}`, {
        details: { reason },
      })
}
