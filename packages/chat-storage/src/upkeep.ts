import type { ChatBook } from './chat-book.ts'
import type { ChatClock } from './chat-clock.ts'
import type { Expiry } from './expiry.ts'
import type { Turns } from './turns.ts'

/** How long a failed step waits to be tried again, and how long none waits at most: the clock may be set. */
const RETRY_MS = 60_000
const LATE_MS = 3_600_000

/** What upkeep is made of. */
export interface UpkeepParts {
  readonly book: ChatBook
  readonly expiry: Expiry
  readonly turns: Turns
  readonly clock: ChatClock
  /** Ends it. */
  readonly signal: AbortSignal
  /** Hears of what failed. */
  readonly warn: (message: string) => void
}

/**
 * What happens between calls: messages that expire are taken away, and so are attachments that were never sent,
 * of earlier openings. A few at a time, each step in a turn of its own.
 */
export class Upkeep {
  readonly #parts: UpkeepParts
  #cancel: (() => void) | undefined
  #dueAt = Infinity
  #isSwept = false

  constructor(parts: UpkeepParts) {
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
    const { turns, clock, signal, warn } = this.#parts
    this.#dueAt = Infinity
    let next: number
    try {
      next = await turns.run(() => this.#work())
    } catch (error) {
      if (signal.aborted) return
      warn(`what has expired could not be taken away, and is tried again: ${String(error)}`)
      next = clock.now() + RETRY_MS
    }
    this.#wakeAt(next)
  }

  /** Resolves with when there is more to do. */
  async #work(): Promise<number> {
    const { book, expiry, clock, signal } = this.#parts
    if (signal.aborted) return Infinity
    if (!this.#isSwept) await book.sweep()
    this.#isSwept = true
    return (await expiry.step()) > 0 ? clock.now() : expiry.next()
  }
}
