import type { Memtable } from './memtable.ts'

interface Waiter {
  readonly table: Memtable
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Calls of `flush` that wait for the table that was active when they came. */
export class FlushWaiters {
  #waiters: Waiter[] = []

  /** Whether somebody waits. */
  get any(): boolean {
    return this.#waiters.length > 0
  }

  /** Resolves when the table has left memory. */
  wait(table: Memtable): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ table, resolve, reject })
    })
  }

  /** Resolves those whose table is none of `tables`. */
  settle(...tables: readonly (Memtable | undefined)[]): void {
    const done = this.#waiters.filter(({ table }) => !tables.includes(table))
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter))
    for (const { resolve } of done) resolve()
  }

  /** Rejects all; false when there was nobody to tell. */
  fail(error: unknown): boolean {
    const failed = this.#waiters
    this.#waiters = []
    for (const { reject } of failed) reject(error)
    return failed.length > 0
  }
}
