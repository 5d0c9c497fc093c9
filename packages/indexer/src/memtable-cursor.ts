import { EntryView } from './entry-view.ts'
import type { KeyBounds } from './key-bounds.ts'
import type { MemtableView } from './memtable.ts'
import type { EntrySource } from './entry-source.ts'

/**
 * The newest operation of each key in a view of a memtable, in order, tombstones included.
 *
 * Its windows lie in the table's own buffer: whoever keeps them copies them.
 */
export class MemtableCursor implements EntrySource {
  readonly entry = new EntryView()
  readonly lends = false
  state: EntrySource['state'] = 'ready'
  readonly #view: MemtableView
  readonly #ids: Int32Array
  readonly #step: 1 | -1
  readonly #end: number
  #at: number

  /** Stands on the first entry within the bounds, or is `done`. */
  constructor(view: MemtableView, { lower, upper }: KeyBounds, reverse: boolean) {
    this.#view = view
    this.#ids = view.table.sorted()
    const low = lower === undefined ? 0 : this.#firstFrom(lower)
    const high = upper === undefined ? this.#ids.length : this.#firstFrom(upper)
    this.#step = reverse ? -1 : 1
    this.#end = reverse ? low - 1 : Math.max(low, high)
    this.#at = reverse ? Math.max(low, high) : low - 1
    this.advance()
  }

  /** Hash of the entry's key. */
  get hash(): number {
    return this.#view.table.hash(this.#ids[this.#at] as number)
  }

  advance(): void {
    const { table, limit } = this.#view
    for (;;) {
      this.#at += this.#step
      if (this.#at === this.#end) {
        this.state = 'done'
        return
      }
      const id = this.#ids[this.#at] as number
      const operation = table.newestOf(id, limit)
      // −1: the key came after the view was taken.
      if (operation !== -1) {
        this.#show(id, operation)
        return
      }
    }
  }

  /** Never stalls. */
  async load(): Promise<void> {}

  #show(id: number, operation: number): void {
    const { table } = this.#view
    const entry = this.entry
    const valueLength = table.valueLength(operation)
    const stamp = table.stamp(operation)
    entry.keyBytes = table.arena
    entry.keyStart = table.keyStart(id)
    entry.keyEnd = entry.keyStart + table.keyLength(id)
    entry.valueBytes = table.arena
    entry.valueStart = table.valueStart(operation)
    entry.valueEnd = entry.valueStart + Math.max(0, valueLength)
    entry.tombstone = valueLength === -1
    entry.ms = stamp.ms
    entry.counter = stamp.counter
  }

  // Number of the first key that is not below `key`.
  #firstFrom(key: Uint8Array): number {
    let low = 0
    let high = this.#ids.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#view.table.compare(this.#ids[middle] as number, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
