import type { Scanned } from './contender.ts'

/** Counts what a scan yields, and sees to it that the keys come in order. */
export class ScanCount implements Scanned {
  entries = 0
  characters = 0
  #last = ''

  add(key: string, value: string): void {
    if (key <= this.#last) throw new Error(`a scan gave ${key} after ${this.#last}`)
    this.#last = key
    this.entries++
    this.characters += key.length + value.length
  }
}
