import { compareWindows } from './key-order.ts'

/** Where each of many keys lies in one buffer. */
export interface KeyWindows {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly lengths: Uint16Array | Int32Array
}

// Below this many keys, insertion is faster than another partition.
const INSERTION_KEYS_MAX = 12

/**
 * Sorts key numbers by their keys, in place: multikey quicksort (Bentley and Sedgewick, "Fast
 * Algorithms for Sorting and Searching Strings", 1997).
 *
 * It looks at each byte of a common prefix once a key and not once a comparison, which is what keys of
 * one name space need. The work is bounded by the keys' bytes plus n log n comparisons of one byte.
 */
export function sortKeys(ids: Int32Array, keys: KeyWindows): void {
  // Pairs still to sort, as [low, high, depth]: a stack of our own, so that no input nests deeply.
  const pending = [0, ids.length, 0]
  while (pending.length > 0) {
    const depth = pending.pop() as number
    const high = pending.pop() as number
    const low = pending.pop() as number
    if (high - low <= INSERTION_KEYS_MAX) insertionSort(ids, low, high, depth, keys)
    else partition(ids, low, high, depth, keys, pending)
  }
}

/** Merges two sorted lists of key numbers that have no key in common. Meant for a long and a short one. */
export function mergeKeys(long: Int32Array, short: Int32Array, keys: KeyWindows): Int32Array {
  const merged = new Int32Array(long.length + short.length)
  let from = 0
  let to = 0
  for (const id of short) {
    // Find the key's place, and move what lies before it in one go.
    const place = placeOf(long, from, id, keys)
    merged.set(long.subarray(from, place), to)
    to += place - from
    merged[to] = id
    to += 1
    from = place
  }
  merged.set(long.subarray(from), to)
  return merged
}

// Index of the first of `ids[from…]` whose key is above that of `id`.
function placeOf(ids: Int32Array, from: number, id: number, keys: KeyWindows): number {
  const { bytes, starts, lengths } = keys
  const start = starts[id] as number
  const end = start + (lengths[id] as number)
  let low = from
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = ids[middle] as number
    const otherStart = starts[other] as number
    const otherEnd = otherStart + (lengths[other] as number)
    if (compareWindows(bytes, otherStart, otherEnd, bytes, start, end) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function partition(
  ids: Int32Array,
  low: number,
  high: number,
  depth: number,
  keys: KeyWindows,
  pending: number[],
): void {
  const pivot = medianByte(ids, low, high, depth, keys)
  let less = low
  let i = low
  let greater = high
  while (i < greater) {
    const id = ids[i] as number
    const byte = byteAt(id, depth, keys)
    if (byte < pivot) {
      ids[i] = ids[less] as number
      ids[less] = id
      less += 1
      i += 1
    } else if (byte > pivot) {
      greater -= 1
      ids[i] = ids[greater] as number
      ids[greater] = id
    } else i += 1
  }
  if (less - low > 1) pending.push(low, less, depth)
  if (high - greater > 1) pending.push(greater, high, depth)
  // Keys that end here are all equal, and there is only one of each.
  if (pivot >= 0 && greater - less > 1) pending.push(less, greater, depth + 1)
}

function insertionSort(
  ids: Int32Array,
  low: number,
  high: number,
  depth: number,
  { bytes, starts, lengths }: KeyWindows,
): void {
  for (let i = low + 1; i < high; i++) {
    const id = ids[i] as number
    const start = starts[id] as number
    const end = start + (lengths[id] as number)
    let j = i
    for (; j > low; j--) {
      const other = ids[j - 1] as number
      const otherStart = starts[other] as number
      const otherEnd = otherStart + (lengths[other] as number)
      if (compareWindows(bytes, otherStart + depth, otherEnd, bytes, start + depth, end) <= 0) break
      ids[j] = other
    }
    ids[j] = id
  }
}

function medianByte(
  ids: Int32Array,
  low: number,
  high: number,
  depth: number,
  keys: KeyWindows,
): number {
  const a = byteAt(ids[low] as number, depth, keys)
  const b = byteAt(ids[(low + high) >> 1] as number, depth, keys)
  const c = byteAt(ids[high - 1] as number, depth, keys)
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

// The byte of a key at a depth, −1 behind its end.
function byteAt(id: number, depth: number, { bytes, starts, lengths }: KeyWindows): number {
  return depth < (lengths[id] as number) ? (bytes[(starts[id] as number) + depth] as number) : -1
}
