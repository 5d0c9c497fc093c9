/** Events by name, with what each listener is given. */
export type EventMap<E> = { readonly [K in keyof E]: unknown[] }

/**
 * Listeners of typed events. A listener that throws is reported, and neither stops the others nor
 * what the event tells of.
 */
export class Listeners<E extends EventMap<E>> {
  readonly #listeners: { [K in keyof E]?: Set<(...values: E[K]) => void> } = {}
  readonly #failed: (error: unknown) => void

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** Calls back for each event of that name; returns the undo. */
  on<K extends keyof E>(name: K, listener: (...values: E[K]) => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('a listener is a function')
    const listeners = this.#listeners[name] ?? new Set()
    this.#listeners[name] = listeners
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  emit<K extends keyof E>(name: K, ...values: E[K]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(...values)
      } catch (error) {
        this.#failed(error)
      }
    }
  }
}
