import { type FaultyLink, faultyLink } from '@datagram/fault-harness'
import { millisecondsOf } from './stopwatch.ts'

/** What one piece of work has cost on the link. */
export interface Crossing {
  /** Length of the longest chain of questions and answers, in times of there and back. */
  readonly roundTrips: number
  /** Both ways, encryption and framing included. */
  readonly bytes: number
  readonly milliseconds: number
}

/** Who connects replicas that are closed in the end. */
export interface Connecting<R> {
  connect(folder: string, link: FaultyLink): Promise<R>
}

/** A new, empty replica at the far end of a link with latency, whose traffic is counted. */
export class LinkedReplica<R extends { close(): Promise<void> }> {
  readonly replica: R
  readonly #link: FaultyLink
  readonly #delayMs: number

  private constructor(replica: R, link: FaultyLink, delayMs: number) {
    this.replica = replica
    this.#link = link
    this.#delayMs = delayMs
  }

  /** Resolves when the lengths are known and nothing is under way. `delayMs`: one way. */
  static async connect<R extends { close(): Promise<void> }>(
    author: Connecting<R>,
    folder: string,
    delayMs: number,
  ): Promise<LinkedReplica<R>> {
    const link = faultyLink({ delayMs })
    const replica = await author.connect(folder, link)
    const linked = new LinkedReplica(replica, link, delayMs)
    await linked.#quiet()
    return linked
  }

  /** Does the work and says what crossed the link meanwhile. */
  async crossing(work: (replica: R) => Promise<unknown>): Promise<Crossing> {
    await this.#quiet()
    const { traffic } = this.#link
    traffic.reset()
    const milliseconds = await millisecondsOf(() => work(this.replica))
    return { roundTrips: traffic.roundTrips, bytes: traffic.bytes, milliseconds }
  }

  /** From now on the author is away. */
  cut(): void {
    this.#link.cut()
  }

  close(): Promise<void> {
    return this.replica.close()
  }

  // Nothing has arrived for a few round trips.
  async #quiet(): Promise<void> {
    let pieces = -1
    while (pieces !== this.#link.traffic.pieces) {
      pieces = this.#link.traffic.pieces
      await new Promise((resolve) => setTimeout(resolve, 6 * this.#delayMs))
    }
  }
}
