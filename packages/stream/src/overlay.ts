import b4a from 'b4a'
import type { PendingOperation } from './pending-operation.ts'

/** What the overlay says of a key; `value` is undefined where the key was deleted. */
export interface OverlayEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

interface Recorded extends OverlayEntry {
  /** The transaction that it comes from. */
  readonly source: object
}

/** Bounds of a range of keys. */
export interface KeyBounds {
  readonly gt?: Uint8Array | undefined
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
  readonly lte?: Uint8Array | undefined
}

/**
 * What transactions wrote that the index does not have yet, newest last: one map a key space, by key.
 * Filled only when somebody reads.
 */
export class Overlay {
  readonly #spaces = new Map<number, Map<string, Recorded>>()

  /** Takes in what `source` wrote. */
  add(operations: Iterable<PendingOperation>, source: object): void {
    for (const operation of operations) {
      if (operation.type !== 'put' && operation.type !== 'del') continue
      const { key } = operation
      const value = operation.type === 'put' ? operation.body : undefined
      this.#space(operation.space).set(nameOf(key), { key, value, source })
    }
  }

  /** Takes out what is still as `source` wrote it. */
  remove(operations: Iterable<PendingOperation>, source: object): void {
    for (const operation of operations) {
      if (operation.type !== 'put' && operation.type !== 'del') continue
      const entries = this.#space(operation.space)
      const name = nameOf(operation.key)
      if (entries.get(name)?.source === source) entries.delete(name)
    }
  }

  clear(): void {
    this.#spaces.clear()
  }

  get(space: number, key: Uint8Array): OverlayEntry | undefined {
    const entries = this.#spaces.get(space)
    return entries === undefined || entries.size === 0 ? undefined : entries.get(nameOf(key))
  }

  /** The entries within bounds, in no order. */
  within(space: number, bounds: KeyBounds): OverlayEntry[] {
    const found: OverlayEntry[] = []
    for (const entry of this.#spaces.get(space)?.values() ?? []) {
      if (isWithin(entry.key, bounds)) found.push(entry)
    }
    return found
  }

  #space(space: number): Map<string, Recorded> {
    let entries = this.#spaces.get(space)
    if (entries === undefined) {
      entries = new Map()
      this.#spaces.set(space, entries)
    }
    return entries
  }
}

/** Whether `key` lies within bounds. */
export function isWithin(key: Uint8Array, { gt, gte, lt, lte }: KeyBounds): boolean {
  return (
    (gt === undefined || b4a.compare(key, gt) > 0) &&
    (gte === undefined || b4a.compare(key, gte) >= 0) &&
    (lt === undefined || b4a.compare(key, lt) < 0) &&
    (lte === undefined || b4a.compare(key, lte) <= 0)
  )
}

// One character a byte: a string that is unique to the bytes.
function nameOf(key: Uint8Array): string {
  return b4a.toString(key, 'latin1')
}
