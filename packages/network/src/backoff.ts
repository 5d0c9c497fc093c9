/** Options of {@link Backoff}. */
export interface BackoffOptions {
  /** The first pause, in milliseconds; default 50. */
  readonly firstMs?: number
  /** The longest, default 30,000. */
  readonly lastMs?: number
}

const FACTOR = 3

/**
 * Pauses between attempts, each three times as long as the one before and up to a half shorter by chance, so
 * that peers that lost one another together do not come back all at once.
 */
export class Backoff {
  readonly #firstMs: number
  readonly #lastMs: number
  #nextMs: number

  constructor({ firstMs = 50, lastMs = 30_000 }: BackoffOptions = {}) {
    this.#firstMs = firstMs
    this.#lastMs = lastMs
    this.#nextMs = firstMs
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const pauseMs = this.#nextMs
    this.#nextMs = Math.min(FACTOR * pauseMs, this.#lastMs)
    return pauseMs * (0.5 + Math.random() / 2)
  }

  /** An attempt has succeeded: the next pause is the first again. */
  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
