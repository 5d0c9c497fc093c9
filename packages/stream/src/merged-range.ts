import type { IndexEntry } from '@datagram/indexer'
import b4a from 'b4a'
import type { OverlayEntry } from './overlay.ts'

/** The order and the length of a merged range. */
export interface MergeOptions {
  readonly reverse: boolean
  readonly limit: number
}

interface Merging<T> extends MergeOptions {
  readonly keyOf: (item: T) => Uint8Array
  /** An item that the overlay puts there; it has a value. */
  readonly itemOf: (entry: OverlayEntry) => T
}

/**
 * The entries of `base` with those of `overlay` in their places: an overlay entry wins over the base's of
 * the same key, and one without a value takes it out. `base` is ordered; `overlay` need not be.
 */
export function mergedRange(
  base: AsyncIterable<IndexEntry>,
  overlay: readonly OverlayEntry[],
  options: MergeOptions,
): AsyncGenerator<IndexEntry, undefined, undefined> {
  return merge(base, overlay, {
    ...options,
    keyOf: ([key]) => key,
    itemOf: ({ key, value }) => [b4a.from(key), b4a.from(value as Uint8Array)],
  })
}

/** As {@link mergedRange}, the keys alone. */
export function mergedKeys(
  base: AsyncIterable<Uint8Array>,
  overlay: readonly OverlayEntry[],
  options: MergeOptions,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  return merge(base, overlay, {
    ...options,
    keyOf: (key) => key,
    itemOf: ({ key }) => b4a.from(key),
  })
}

async function* merge<T>(
  base: AsyncIterable<T>,
  overlay: readonly OverlayEntry[],
  merging: Merging<T>,
): AsyncGenerator<T, undefined, undefined> {
  let left = merging.limit
  if (left <= 0) return undefined
  for await (const item of mergeOrdered(base, overlay, merging)) {
    yield item
    if (--left <= 0) return undefined
  }
  return undefined
}

async function* mergeOrdered<T>(
  base: AsyncIterable<T>,
  overlay: readonly OverlayEntry[],
  { reverse, keyOf, itemOf }: Merging<T>,
): AsyncGenerator<T, void, undefined> {
  const compare = (a: Uint8Array, b: Uint8Array) => (reverse ? -1 : 1) * b4a.compare(a, b)
  const ordered = [...overlay].sort((a, b) => compare(a.key, b.key))
  let next = 0
  for await (const item of base) {
    let isHidden = false
    for (; next < ordered.length; next++) {
      const entry = ordered[next] as OverlayEntry
      const order = compare(entry.key, keyOf(item))
      if (order > 0) break
      if (entry.value !== undefined) yield itemOf(entry)
      if (order === 0) isHidden = true
    }
    if (!isHidden) yield item
  }
  for (const entry of ordered.slice(next)) if (entry.value !== undefined) yield itemOf(entry)
}
