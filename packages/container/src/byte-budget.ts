/** How many bytes may be kept, how many are, and how many are on their way. */
export class ByteBudget {
  readonly max: number
  #used = 0
  #reserved = 0

  /** `max`: `Infinity` for no limit. */
  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  get isFull(): boolean {
    return this.#used >= this.max
  }

  /** How many pieces of about `size` bytes still fit: at least one while it is not full. */
  room(size: number): number {
    if (this.isFull) return 0
    return Math.max(1, Math.floor((this.max - this.#used - this.#reserved) / Math.max(1, size)))
  }

  /** Keeps room for what is on its way; the returned function gives it back. */
  reserve(bytes: number): () => void {
    this.#reserved += bytes
    let isGiven = false
    return () => {
      if (!isGiven) this.#reserved -= bytes
      isGiven = true
    }
  }

  /** Counts bytes that are kept now, or (negative) are no longer. */
  add(bytes: number): void {
    this.#used += bytes
  }
}
