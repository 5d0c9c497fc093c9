// What was not used counts for so long: over ten seconds a limit holds within one part in a hundred.
const BURST_MS = 100
const PAUSE_MS_MIN = 5

/** A limit of bytes a second, which several connections may share. */
export class Pace {
  readonly #bytesPerMs: number
  readonly #burst: number
  #left: number
  #countedAtMs: number

  /** `bytesPerSecond` may be infinite: then all pass. */
  constructor(bytesPerSecond: number, nowMs = performance.now()) {
    this.#bytesPerMs = bytesPerSecond / 1000
    this.#burst = Math.max(1, this.#bytesPerMs * BURST_MS)
    this.#left = this.#burst
    this.#countedAtMs = nowMs
  }

  /** How many of so many bytes may pass now; those count as passed. */
  take(bytes: number, nowMs = performance.now()): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return bytes
    const gained = (nowMs - this.#countedAtMs) * this.#bytesPerMs
    this.#left = Math.min(this.#burst, this.#left + gained)
    this.#countedAtMs = nowMs
    const granted = Math.min(bytes, Math.floor(this.#left))
    this.#left -= granted
    return granted
  }

  /** Milliseconds until it is worth asking again: half of what can be saved up, so that a late timer loses nothing. */
  get pauseMs(): number {
    return Math.max(PAUSE_MS_MIN, (this.#burst / 2 - this.#left) / this.#bytesPerMs)
  }
}

/** The limits of what crosses the connections of one peer, each direction by itself. */
export interface Paces {
  readonly in: Pace
  readonly out: Pace
}
