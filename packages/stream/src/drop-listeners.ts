/** Why blocks of the data log went for good: what lay there was forgotten, or the stream does not retain it. */
export type DropCause = 'forgotten' | 'not-retained'

export type DropListener = (cause: DropCause) => Promise<void>

/** Who wants to hear of blocks that were dropped for good. */
export class DropListeners {
  readonly #listeners = new Set<DropListener>()

  /** Adds a listener; returns the undo. */
  listen(listener: DropListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells all of them, one after another, and waits for their answers. */
  async tell(cause: DropCause): Promise<void> {
    for (const listener of this.#listeners) await listener(cause)
  }
}
