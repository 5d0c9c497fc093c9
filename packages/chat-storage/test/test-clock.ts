import type { ChatClock } from '../src/chat-clock.ts'

/** A clock that stands still until it is told the time. */
export class TestClock implements ChatClock {
  #now = 1_000_000
  readonly #waiting = new Set<{ readonly at: number; readonly work: () => void }>()

  now(): number {
    return this.#now
  }

  wake(work: () => void, ms: number): () => void {
    const one = { at: this.#now + ms, work }
    this.#waiting.add(one)
    return () => void this.#waiting.delete(one)
  }

  /** How many wait to be woken. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Lets time pass, and wakes whoever is due. */
  pass(ms: number): void {
    this.#now += ms
    for (const one of [...this.#waiting]) {
      if (one.at > this.#now) continue
      this.#waiting.delete(one)
      one.work()
    }
  }
}
