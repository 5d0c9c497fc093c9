import type { OpenTransaction } from './open-transaction.ts'
import { Overlay } from './overlay.ts'

/**
 * What finished transactions wrote that is not committed yet, for those that run after them to read.
 * Most transactions read nothing, so theirs is looked at only when one does.
 */
export class PendingOverlay {
  readonly #overlay = new Overlay()
  #unread: OpenTransaction[] = []

  /** A transaction has finished. */
  add(transaction: OpenTransaction): void {
    this.#unread.push(transaction)
  }

  /** Transactions were committed: the index has what they wrote. */
  remove(transactions: ReadonlySet<OpenTransaction>): void {
    const unread = new Set(this.#unread)
    for (const transaction of transactions) {
      if (!unread.has(transaction)) this.#overlay.remove(transaction.operations, transaction)
    }
    this.#unread = this.#unread.filter((one) => !transactions.has(one))
  }

  clear(): void {
    this.#overlay.clear()
    this.#unread = []
  }

  read(): Overlay {
    for (const transaction of this.#unread) {
      this.#overlay.add(transaction.operations, transaction)
    }
    this.#unread = []
    return this.#overlay
  }
}
