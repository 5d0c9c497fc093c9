/** Places numbers on a line so that equal factors are equally far apart. */
export class LogScale {
  readonly #from: number
  readonly #perDecade: number
  readonly #start: number
  /** Powers of ten inside the scale. */
  readonly decades: readonly number[]

  /** From the power of ten at or below `smallest` (placed at `start`) to that above `largest` (at `end`). */
  constructor(smallest: number, largest: number, start: number, end: number) {
    this.#from = Math.floor(Math.log10(smallest))
    const to = Math.max(this.#from + 1, Math.ceil(Math.log10(largest)))
    this.#start = start
    this.#perDecade = (end - start) / (to - this.#from)
    this.decades = Array.from({ length: to - this.#from + 1 }, (_, i) => 10 ** (this.#from + i))
  }

  place(value: number): number {
    return this.#start + (Math.log10(value) - this.#from) * this.#perDecade
  }
}
