/** Runs work when it is its turn, or at once where whoever calls has it. */
export type RunTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Runs what it is given one after another, whether the one before succeeded or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    // Whoever called hears of the failure; the next turn is not concerned.
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
