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

  /** The oldest transactions were committed, in their order: the index has what they wrote. */
  remove(transactions: readonly OpenTransaction[]): void {
    let unread = 0
    for (const transaction of transactions) {
      if (transaction === this.#unread[unread]) unread++
      else this.#overlay.remove(transaction.operations, transaction)
    }
    this.#unread = this.#unread.slice(unread)
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
