/** Functions that want to hear of something. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Adds a listener; the returned function takes it off again. */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  tell(value: T): void {
    for (const listener of this.#listeners) listener(value)
  }
}
