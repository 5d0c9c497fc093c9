import type { EntryReader, Transaction } from '@datagram/stream'
import c from 'compact-encoding'
import { reservedKey } from './fs-key.ts'
import { ROOT } from './tree.ts'

// Numbers reserved at a time, so that most new files write nothing about it.
const RESERVED_AT_ONCE = 1024

/** Gives out inode numbers, each once for good. */
export class InodeNumbers {
  #next: number
  #reserved: number

  private constructor(next: number) {
    this.#next = next
    this.#reserved = next
  }

  static async load(reader: EntryReader): Promise<InodeNumbers> {
    const value = await reader.get(reservedKey)
    const next = value === undefined ? ROOT.ino + 1 : c.decode(c.uint, value)
    return new InodeNumbers(next)
  }

  take(tx: Transaction): number {
    if (this.#next >= this.#reserved) {
      this.#reserved = this.#next + RESERVED_AT_ONCE
      tx.put(reservedKey, c.encode(c.uint, this.#reserved))
    }
    return this.#next++
  }

  /** A transaction was not committed, and it may have been the one that reserved: the next one does. */
  reserveAgain(): void {
    this.#reserved = this.#next
  }
}
