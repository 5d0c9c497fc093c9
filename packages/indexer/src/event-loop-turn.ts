// A piece of work that takes longer lets the event loop's other work in.
const TURN_MS = 6

/** Cuts long work into turns of a few milliseconds, so that it does not block the event loop. */
export class EventLoopTurn {
  #began = performance.now()

  /** Whether this turn has lasted long enough. */
  get over(): boolean {
    return performance.now() - this.#began > TURN_MS
  }

  /** Lets the event loop's other work in, and begins another turn. */
  async next(): Promise<void> {
    await new Promise(setImmediate)
    this.#began = performance.now()
  }
}
