import type { LogSupplier } from './log.ts'

// As long as a peer may take to say what it has.
const GLANCE_MS = 1000

/** Who brings peers to one log, and whether anybody waits for what they bring. */
export class LogSuppliers {
  readonly #suppliers = new Set<LogSupplier>()
  #waiting = 0
  #isGlancing = false

  add(supplier: LogSupplier): () => void {
    this.#suppliers.add(supplier)
    return () => {
      this.#suppliers.delete(supplier)
    }
  }

  /** Whether something waits for peers now. */
  get isAwaited(): boolean {
    return this.#waiting > 0
  }

  /** Whether a peer is on its way. */
  get isComing(): boolean {
    for (const { isComing } of this.#suppliers) if (isComing) return true
    return false
  }

  /** Something waits for peers from now on; they are brought here until the returned function is called. */
  begin(): () => void {
    this.#waiting++
    for (const supplier of this.#suppliers) supplier.wanted()
    return () => {
      this.#waiting--
    }
  }

  /** Somebody looks what peers have, and may look again: they are brought here for a moment. */
  glance(): void {
    if (this.#isGlancing) return
    this.#isGlancing = true
    const release = this.begin()
    setTimeout(() => {
      this.#isGlancing = false
      release()
    }, GLANCE_MS).unref()
  }

  /** Resolves when all connected peers have told how long their logs are now. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#suppliers].map((supplier) => supplier.refresh()))
  }
}
