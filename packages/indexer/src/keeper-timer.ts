// After a failure the background waits before it tries again by itself, longer each time.
const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 30_000
// Blocks that cannot be dropped yet (a snapshot needs them) are looked at again after this.
const SWEEP_MS_MIN = 1000

/**
 * Tells the keeper when to look for work: after a while without operations, when the grace of
 * superseded blocks ends, some time after a failure.
 *
 * One timer, which does not keep the process alive, and is not touched by each operation.
 */
export class KeeperTimer {
  readonly #idleMs: number
  readonly #wake: () => void
  #timer: NodeJS.Timeout | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #appliedMs = 0
  #retryMs = RETRY_MS_MIN
  #retryAtMs = 0
  #closed = false

  constructor(idleMs: number, wake: () => void) {
    this.#idleMs = idleMs
    this.#wake = wake
  }

  /** Whether no operation has come for a while. */
  get idle(): boolean {
    return Date.now() - this.#appliedMs >= this.#idleMs
  }

  /** Whether a failure is so recent that only an explicit call tries again. */
  get waitsToRetry(): boolean {
    return Date.now() < this.#retryAtMs
  }

  applied(): void {
    this.#appliedMs = Date.now()
    // A timer that ends before stays: it finds the operation then.
    this.#wakeAt(this.#appliedMs + this.#idleMs)
  }

  succeeded(): void {
    this.#retryMs = RETRY_MS_MIN
    this.#retryAtMs = 0
  }

  failed(): void {
    this.#retryAtMs = Date.now() + this.#retryMs
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX)
    this.#wakeAt(this.#retryAtMs)
  }

  /** Wakes the keeper when superseded blocks may be dropped. */
  sweepAt(dueMs: number | undefined): void {
    if (dueMs !== undefined) this.#wakeAt(Math.max(dueMs, Date.now() + SWEEP_MS_MIN))
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #wakeAt(dueMs: number): void {
    if (this.#closed || dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, dueMs - Date.now()))
    this.#timer.unref()
  }

  #fire(): void {
    this.#timer = undefined
    this.#dueMs = Number.POSITIVE_INFINITY
    // Operations came while the timer ran: not idle yet.
    if (!this.idle) this.#wakeAt(this.#appliedMs + this.#idleMs)
    if (this.waitsToRetry) this.#wakeAt(this.#retryAtMs)
    else this.#wake()
  }
}
