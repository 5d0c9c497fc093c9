import { compareKeys } from '../src/key-order.ts'
import type { IndexEntry, IndexOperation, RangeOptions } from '../src/index.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** The plain thing that an index must equal: a map, sorted when it is read. */
export class SortedMap {
  readonly #entries: Map<string, IndexEntry>

  constructor(entries: Iterable<readonly [string, IndexEntry]> = []) {
    this.#entries = new Map(entries)
  }

  copy(): SortedMap {
    return new SortedMap(this.#entries)
  }

  apply(operations: readonly IndexOperation[]): void {
    for (const operation of operations) {
      const name = hex(operation.key)
      if (operation.type === 'put') this.#entries.set(name, [operation.key, operation.value])
      else this.#entries.delete(name)
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(hex(key))?.[1]
  }

  range({ gte, gt, lte, lt, reverse = false, limit }: RangeOptions = {}): IndexEntry[] {
    const within = [...this.#entries.values()].filter(
      ([key]) =>
        (gte === undefined || compareKeys(key, gte) >= 0) &&
        (gt === undefined || compareKeys(key, gt) > 0) &&
        (lte === undefined || compareKeys(key, lte) <= 0) &&
        (lt === undefined || compareKeys(key, lt) < 0),
    )
    within.sort(([a], [b]) => (reverse ? compareKeys(b, a) : compareKeys(a, b)))
    return limit === undefined ? within : within.slice(0, limit)
  }
}

/** Entries in a form that a failed comparison shows well. */
export function readable(entries: readonly IndexEntry[]): string[] {
  return entries.map(([key, value]) => `${hex(key)}=${hex(value)}`)
}
