import type { ChatClock } from './chat-clock.ts'
import type { Expiry } from './expiry.ts'
import type { Turns } from './turns.ts'

/** How long a failed step waits to be tried again, and how long none waits at most: the clock may be set. */
const RETRY_MS = 60_000
const LATE_MS = 3_600_000

export interface ExpiryTimerParts {
  readonly expiry: Expiry
  readonly turns: Turns
  readonly clock: ChatClock
  /** Ends it. */
  readonly signal: AbortSignal
  /** Hears of what failed. */
  readonly warn: (message: string) => void
}

/** Takes messages away when they expire, a few at a time, each step in a turn of its own. */
export class ExpiryTimer {
  readonly #parts: ExpiryTimerParts
  #cancel: (() => void) | undefined
  #dueAt = Infinity

  constructor(parts: ExpiryTimerParts) {
    this.#parts = parts
    parts.signal.addEventListener('abort', () => this.#cancel?.(), { once: true })
  }

  /** Looks what has to be done by when, soon. */
  start(): void {
    this.#wakeAt(this.#parts.clock.now())
  }

  /** Says that a conversation was changed. Whoever calls has the turn. */
  async look(contact: string): Promise<void> {
    this.#wakeAt(await this.#parts.expiry.nextOf(contact))
  }

  #wakeAt(dueAt: number): void {
    const { clock, signal } = this.#parts
    if (signal.aborted || dueAt >= this.#dueAt) return
    this.#cancel?.()
    this.#dueAt = dueAt
    const ms = Math.min(Math.max(0, dueAt - clock.now()), LATE_MS)
    this.#cancel = clock.wake(() => void this.#step(), ms)
  }

  async #step(): Promise<void> {
    const { expiry, turns, clock, signal, warn } = this.#parts
    this.#dueAt = Infinity
    let next: number
    try {
      next = await turns.run(async () => {
        if (signal.aborted) return Infinity
        return (await expiry.step()) > 0 ? clock.now() : expiry.next()
      })
    } catch (error) {
      if (signal.aborted) return
      warn(`expired messages could not be taken away, and are tried again: ${String(error)}`)
      next = clock.now() + RETRY_MS
    }
    this.#wakeAt(next)
  }
}
