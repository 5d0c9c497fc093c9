import type { MultiplexerLimits } from './limits.ts'
import { multiplexerError } from './multiplexer-errors.ts'

// While the connection brings so many bytes, far more than signs of life are, something is coming.
const ALIVE_BYTES = 4096

/** Blocks that were asked for and not sent yet, over all logs of one connection, in both directions. */
export class BlockRequests {
  readonly #limits: MultiplexerLimits
  readonly #bytesIn: () => number
  #theirs = 0
  #ours = 0
  #heardAtMs = performance.now()
  #bytesThen = 0

  /** `bytesIn`: what the connection has brought so far. */
  constructor(limits: MultiplexerLimits, bytesIn: () => number) {
    this.#limits = limits
    this.#bytesIn = bytesIn
  }

  /** Those of one log's channel. */
  channel(): ChannelRequests {
    return new ChannelRequests((theirs, ours) => this.#count(theirs, ours))
  }

  /** Throws `PEER_STALLED` when the peer says that it has what is asked of it, and sends nothing for too long. */
  assertAnswered(): void {
    const { answerMs } = this.#limits
    const now = performance.now()
    const bytes = this.#bytesIn()
    if (this.#ours === 0 || bytes - this.#bytesThen >= ALIVE_BYTES) {
      this.#bytesThen = bytes
      this.#heardAtMs = now
    }
    if (now - this.#heardAtMs <= answerMs) return
    throw multiplexerError(
      'PEER_STALLED',
      `the peer was asked for ${this.#ours} blocks that it says it has, and has sent none for ${answerMs} ms; the connection is closed`,
      { details: { answerMs } },
    )
  }

  #count(theirs: number, ours: number): void {
    this.#theirs += theirs
    if (this.#ours === 0) this.#heardAtMs = performance.now()
    this.#ours += ours
    if (theirs <= 0 || this.#theirs <= this.#limits.requestsPerPeerMax) return
    throw multiplexerError(
      'PEER_FLOODING',
      'the peer asks for more blocks at once than it can take; the connection is closed',
    )
  }
}

/** The requests on the channel of one log, by the numbers that they have there. */
export class ChannelRequests {
  readonly #theirs = new Set<number>()
  readonly #ours = new Set<number>()
  readonly #count: (theirs: number, ours: number) => void

  constructor(count: (theirs: number, ours: number) => void) {
    this.#count = count
  }

  asked(by: 'us' | 'peer', id: number): void {
    const set = by === 'us' ? this.#ours : this.#theirs
    // 0 is no request that is answered by its number.
    if (id === 0 || set.has(id)) return
    set.add(id)
    if (by === 'us') this.#count(0, 1)
    else this.#count(1, 0)
  }

  /** It was answered by the other side, or called off. */
  settled(by: 'us' | 'peer', id: number): void {
    if (by === 'us' && this.#ours.delete(id)) this.#count(0, -1)
    if (by === 'peer' && this.#theirs.delete(id)) this.#count(-1, 0)
  }

  /** The channel is closed. */
  close(): void {
    this.#count(-this.#theirs.size, -this.#ours.size)
    this.#theirs.clear()
    this.#ours.clear()
  }
}
