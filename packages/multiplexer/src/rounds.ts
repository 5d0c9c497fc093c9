// Who waits for news does so for the sake of all peers; one that does not answer must not hold them up.
const ANSWER_MS = 3_000

/**
 * Rounds to the peer and back: when the answer is here, so is everything that the peer had to say when it was
 * asked. Who asks while a round is under way shares the next one.
 */
export class Rounds {
  readonly #ask: (number: number) => void
  #number = 0
  #current: Promise<boolean> = Promise.resolve(false)
  #next: Promise<boolean> | undefined
  #answered: () => void = () => undefined
  #isClosed = false

  constructor(ask: (number: number) => void) {
    this.#ask = ask
  }

  /** Resolves with true when the peer has answered; with false when it has not for three seconds, or never will. */
  go(): Promise<boolean> {
    this.#next ??= this.#current.then(() => this.#begin())
    return this.#next
  }

  /** The peer has answered. */
  told(number: number): void {
    if (number === this.#number) this.#answered()
  }

  close(): void {
    this.#isClosed = true
    this.#answered()
  }

  #begin(): Promise<boolean> {
    this.#next = undefined
    if (this.#isClosed) return Promise.resolve(false)
    this.#current = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MS).unref()
      this.#answered = () => {
        clearTimeout(timer)
        resolve(!this.#isClosed)
      }
    })
    this.#ask(++this.#number)
    return this.#current
  }
}
