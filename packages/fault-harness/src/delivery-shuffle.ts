import type { Random } from './random.ts'

/**
 * Mixes the deliveries of several links: of all pieces that are due, whichever link they are on, a
 * random one is handed over next. Pieces of one direction of one link stay in order, as in any byte
 * stream: a byte stream that reorders its bytes would be broken, not slow. What a program sees is
 * that messages of *different* logs or links overtake one another.
 */
export class DeliveryShuffle {
  readonly #random: Random
  readonly #lanes = new Map<object, (() => void)[]>()
  #running = false

  constructor(random: Random) {
    this.#random = random.fork()
  }

  /** Hands over later; after everything that was scheduled for the same lane before. */
  schedule(lane: object, deliver: () => void): void {
    const queue = this.#lanes.get(lane)
    if (queue === undefined) this.#lanes.set(lane, [deliver])
    else queue.push(deliver)
    if (this.#running) return
    this.#running = true
    setImmediate(() => this.#next())
  }

  #next(): void {
    const lane = this.#random.pick([...this.#lanes.keys()])
    const queue = this.#lanes.get(lane) as (() => void)[]
    const deliver = queue.shift() as () => void
    if (queue.length === 0) this.#lanes.delete(lane)
    deliver()
    this.#running = this.#lanes.size > 0
    if (this.#running) setImmediate(() => this.#next())
  }
}
