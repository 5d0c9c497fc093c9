/**
 * A small seeded generator of pseudo-random numbers: the same seed gives the same faults again.
 *
 * The algorithm is sfc32 ("Small Fast Counting", Chris Doty-Humphrey, PractRand), its three words of
 * state filled from the seed by splitmix32. Not for keys: whoever sees its output can go on with it.
 */
export class Random {
  readonly seed: number
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** `seed` is taken modulo 2³². */
  constructor(seed: number) {
    this.seed = seed >>> 0
    let state = this.seed
    const splitmix = () => {
      state = (state + 0x9e3779b9) | 0
      let word = state ^ (state >>> 16)
      word = Math.imul(word, 0x21f0aaad)
      word ^= word >>> 15
      word = Math.imul(word, 0x735a2d97)
      return word ^ (word >>> 15)
    }
    this.#a = splitmix()
    this.#b = splitmix()
    this.#c = splitmix()
    for (let i = 0; i < 12; i++) this.next32()
  }

  /** The next number, 0 ≤ n < 2³². */
  next32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** 0 ≤ n < 1. */
  float(): number {
    return this.next32() / 0x1_0000_0000
  }

  /** A whole number, `from` ≤ n < `to`. Throws a TypeError when the range is empty. */
  between(from: number, to: number): number {
    if (!(to > from)) throw new TypeError(`there is no whole number from ${from} up to ${to}`)
    return from + Math.floor(this.float() * (to - from))
  }

  /** True with the given probability; default one half. */
  chance(probability = 0.5): boolean {
    return this.float() < probability
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.next32() >>> 24
    return bytes
  }

  /** One of the items. Throws a TypeError when there is none. */
  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length)] as T
  }

  /** The items in another order; the list that was passed stays as it is. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.between(0, i + 1)
      const item = result[i] as T
      result[i] = result[j] as T
      result[j] = item
    }
    return result
  }

  /** A generator of its own, so that what one part draws does not shift what another draws. */
  fork(): Random {
    return new Random(this.next32())
  }
}
