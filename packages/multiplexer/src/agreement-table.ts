import type { ReplicableStream } from '@datagram/container'
import { Agreement } from './agreement.ts'
import { descriptionOf } from './shown-stream.ts'
import { idKey } from './stream-directory.ts'

/**
 * The agreements of one connection by stream. Those on streams that are open here are as many as the
 * container has; those on other streams, which the peer alone makes, are bounded, and the oldest goes.
 */
export class AgreementTable {
  readonly #agreements = new Map<string, Agreement>()
  /** Those whose stream is not open here, oldest first. */
  readonly #foreign = new Map<string, Agreement>()
  readonly #crowdedOut: (agreement: Agreement) => void

  /** `crowdedOut` hears of each agreement that had to make room, after it is gone. */
  constructor(crowdedOut: (agreement: Agreement) => void) {
    this.#crowdedOut = crowdedOut
  }

  all(): Agreement[] {
    return [...this.#agreements.values()]
  }

  get(id: Uint8Array): Agreement | undefined {
    return this.#agreements.get(idKey(id))
  }

  /**
   * The agreement on a stream, made where there is none. `stream` is undefined where it is not open
   * here; of those at most `foreignMax` are kept.
   */
  open(
    id: Uint8Array,
    stream: ReplicableStream | undefined,
    foreignMax = Number.POSITIVE_INFINITY,
  ): Agreement {
    const key = idKey(id)
    const agreement = this.#agreements.get(key) ?? new Agreement(id)
    this.#agreements.set(key, agreement)
    if (agreement.stream !== stream) {
      agreement.stream = stream
      agreement.description = stream && descriptionOf(stream)
    }
    if (stream !== undefined) this.#foreign.delete(key)
    else this.#foreign.set(key, agreement)
    this.#makeRoom(foreignMax)
    return agreement
  }

  /** The stream is not open here any more. */
  close(agreement: Agreement): void {
    agreement.stream = undefined
    this.#foreign.set(idKey(agreement.id), agreement)
  }

  delete(agreement: Agreement): void {
    this.#agreements.delete(idKey(agreement.id))
    this.#foreign.delete(idKey(agreement.id))
  }

  #makeRoom(foreignMax: number): void {
    if (this.#foreign.size <= foreignMax) return
    for (const agreement of this.#foreign.values()) {
      // Its logs would be attached anew while they are being detached.
      if (agreement.isDetaching) continue
      this.delete(agreement)
      this.#crowdedOut(agreement)
      if (this.#foreign.size <= foreignMax) return
    }
  }
}
