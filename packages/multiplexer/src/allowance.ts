/**
 * How much a peer may still ask for: a full purse at first, refilled at a steady rate. A peer that
 * takes more than is in it is flooding.
 */
export class Allowance {
  readonly #burst: number
  readonly #perMs: number
  #left: number
  #countedAtMs: number

  constructor(burst: number, perSecond: number, nowMs = performance.now()) {
    this.#burst = burst
    this.#perMs = perSecond / 1000
    this.#left = burst
    this.#countedAtMs = nowMs
  }

  /** Takes one, or `count` at once; false when there are not so many. */
  take(count = 1, nowMs = performance.now()): boolean {
    const refill = (nowMs - this.#countedAtMs) * this.#perMs
    this.#left = Math.min(this.#burst, this.#left + refill)
    this.#countedAtMs = nowMs
    if (this.#left < count) return false
    this.#left -= count
    return true
  }
}
