import type { EntrySource } from './entry-source.ts'
import type { EntryView } from './entry-view.ts'
import { compareWindows } from './key-order.ts'

/**
 * Merges sorted sources into one: each key once, as the newest source that has it says.
 *
 * `sources` come newest first; that order, not a stamp, decides between equal keys. The sources are
 * kept sorted by where they stand, so that a run of keys from one source costs one comparison each.
 *
 * Invariant: `#ordered` holds the ready sources by (key, age); `#stalled` those that need `load`.
 */
export class MergeCursor implements EntrySource {
  readonly #ages = new Map<EntrySource, number>()
  readonly #ordered: EntrySource[] = []
  #stalled: EntrySource[] = []
  readonly #direction: 1 | -1

  constructor(sources: readonly EntrySource[], reverse: boolean) {
    this.#direction = reverse ? -1 : 1
    sources.forEach((source, age) => this.#ages.set(source, age))
    for (const source of sources) this.#place(source)
  }

  get state(): EntrySource['state'] {
    if (this.#stalled.length > 0) return 'stalled'
    return this.#ordered.length > 0 ? 'ready' : 'done'
  }

  get entry(): EntryView {
    return this.source.entry
  }

  get lends(): boolean {
    return this.source.lends
  }

  /** The source of the entry it stands on. */
  get source(): EntrySource {
    const first = this.#ordered[0]
    if (first === undefined) throw new TypeError('a merge that is done stands on nothing')
    return first
  }

  /** The ready source with the second smallest position; undefined when there is none. */
  get next(): EntrySource | undefined {
    return this.#ordered[1]
  }

  advance(): void {
    const ordered = this.#ordered
    const first = this.source
    // Older versions of the same key are passed over before the windows of the newest are overwritten.
    while (ordered.length > 1 && this.#compare(ordered[1] as EntrySource, first) === 0) {
      const [same] = ordered.splice(1, 1) as [EntrySource]
      same.advance()
      this.#place(same)
    }
    first.advance()
    if (first.state === 'ready') this.#sinkFirst()
    else {
      ordered.shift()
      this.#place(first)
    }
  }

  async load(): Promise<void> {
    while (this.#stalled.length > 0) {
      const waiting = this.#stalled
      await Promise.all(waiting.map((source) => source.load()))
      this.#stalled = []
      for (const source of waiting) this.#place(source)
    }
  }

  // Moves the first source back to where it belongs after it advanced.
  #sinkFirst(): void {
    const ordered = this.#ordered
    const first = ordered[0] as EntrySource
    let i = 1
    while (i < ordered.length && this.#isBefore(ordered[i] as EntrySource, first)) {
      ordered[i - 1] = ordered[i] as EntrySource
      i += 1
    }
    ordered[i - 1] = first
  }

  #place(source: EntrySource): void {
    if (source.state === 'done') return
    if (source.state === 'stalled') {
      this.#stalled.push(source)
      return
    }
    const ordered = this.#ordered
    let i = ordered.length
    while (i > 0 && this.#isBefore(source, ordered[i - 1] as EntrySource)) i -= 1
    ordered.splice(i, 0, source)
  }

  #isBefore(a: EntrySource, b: EntrySource): boolean {
    const order = this.#compare(a, b)
    return order < 0 || (order === 0 && this.#age(a) < this.#age(b))
  }

  #age(source: EntrySource): number {
    return this.#ages.get(source) as number
  }

  #compare(a: EntrySource, b: EntrySource): number {
    const { keyBytes, keyStart, keyEnd } = a.entry
    const other = b.entry
    return (
      this.#direction *
      compareWindows(keyBytes, keyStart, keyEnd, other.keyBytes, other.keyStart, other.keyEnd)
    )
  }
}
