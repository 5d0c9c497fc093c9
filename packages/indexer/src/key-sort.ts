import { compareWindows } from './key-order.ts'

/** Where each of many keys lies in one buffer. */
export interface KeyWindows {
  readonly bytes: Uint8Array
  /** Start and length of key `id` stand at `stride × id` and behind it. */
  readonly windows: Int32Array
  readonly stride: number
}

// Below this many keys, insertion is faster than another partition.
const INSERTION_KEYS_MAX = 12
// Bytes of a key that a word holds, and the word's last byte: how many of them there are.
const WORD_BYTES = 3
const WORD_COUNT = 0xff

/**
 * Sorts key numbers by their keys, in place: multikey quicksort (Bentley and Sedgewick, "Fast
 * Algorithms for Sorting and Searching Strings", 1997), three bytes at a time.
 *
 * It looks at a common prefix once a key and not once a comparison, which is what keys of one name space
 * need. The words that are compared lie beside each other and move with the numbers: keys lie anywhere, and
 * fetching one from memory takes longer than all else that is done with it.
 */
export function sortKeys(ids: Int32Array, keys: KeyWindows): void {
  const words = new Uint32Array(ids.length)
  // Parts still to sort, as [low, high, depth]: a stack of our own, so that no input nests deeply. The words
  // of a part are of its depth, or, where the depth is given as its complement, still to be read.
  const pending = [0, ids.length, ~0]
  while (pending.length > 0) {
    const marked = pending.pop() as number
    const high = pending.pop() as number
    const low = pending.pop() as number
    const depth = marked < 0 ? ~marked : marked
    if (marked < 0) readWords(ids, words, low, high, depth, keys)
    if (high - low <= INSERTION_KEYS_MAX) insertionSort(ids, words, low, high, depth, keys)
    else partition(ids, words, low, high, depth, pending)
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
  const { bytes, windows, stride } = keys
  const start = windows[stride * id] as number
  const end = start + (windows[stride * id + 1] as number)
  let low = from
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = ids[middle] as number
    const otherStart = windows[stride * other] as number
    const otherEnd = otherStart + (windows[stride * other + 1] as number)
    if (compareWindows(bytes, otherStart, otherEnd, bytes, start, end) < 0) low = middle + 1
    else high = middle
  }
  return low
}

// The bytes of each key at a depth and how many there are, so that a key sorts before those it begins.
function readWords(
  ids: Int32Array,
  words: Uint32Array,
  low: number,
  high: number,
  depth: number,
  { bytes, windows, stride }: KeyWindows,
): void {
  for (let i = low; i < high; i++) {
    const field = stride * (ids[i] as number)
    const at = (windows[field] as number) + depth
    const left = (windows[field + 1] as number) - depth
    const count = left < WORD_BYTES ? left : WORD_BYTES
    let word = count
    if (count > 0) word |= (bytes[at] as number) << 24
    if (count > 1) word |= (bytes[at + 1] as number) << 16
    if (count > 2) word |= (bytes[at + 2] as number) << 8
    words[i] = word
  }
}

function partition(
  ids: Int32Array,
  words: Uint32Array,
  low: number,
  high: number,
  depth: number,
  pending: number[],
): void {
  const pivot = medianWord(words, low, high)
  let less = low
  let i = low
  let greater = high
  while (i < greater) {
    const word = words[i] as number
    if (word < pivot) {
      swap(ids, words, i, less)
      less += 1
      i += 1
    } else if (word > pivot) {
      greater -= 1
      swap(ids, words, i, greater)
    } else i += 1
  }
  if (less - low > 1) pending.push(low, less, depth)
  if (high - greater > 1) pending.push(greater, high, depth)
  // Keys that end within the word are all equal, and there is only one of each.
  if (greater - less > 1 && (pivot & WORD_COUNT) === WORD_BYTES) {
    pending.push(less, greater, ~(depth + WORD_BYTES))
  }
}

function swap(ids: Int32Array, words: Uint32Array, i: number, j: number): void {
  const id = ids[i] as number
  const word = words[i] as number
  ids[i] = ids[j] as number
  words[i] = words[j] as number
  ids[j] = id
  words[j] = word
}

function insertionSort(
  ids: Int32Array,
  words: Uint32Array,
  low: number,
  high: number,
  depth: number,
  { bytes, windows, stride }: KeyWindows,
): void {
  for (let i = low + 1; i < high; i++) {
    const id = ids[i] as number
    const word = words[i] as number
    const start = (windows[stride * id] as number) + depth
    const end = start - depth + (windows[stride * id + 1] as number)
    let j = i
    for (; j > low; j--) {
      const otherWord = words[j - 1] as number
      if (otherWord < word) break
      const other = ids[j - 1] as number
      if (otherWord === word) {
        const otherStart = (windows[stride * other] as number) + depth
        const otherEnd = otherStart - depth + (windows[stride * other + 1] as number)
        if (compareWindows(bytes, otherStart, otherEnd, bytes, start, end) <= 0) break
      }
      ids[j] = other
      words[j] = otherWord
    }
    ids[j] = id
    words[j] = word
  }
}

function medianWord(words: Uint32Array, low: number, high: number): number {
  const a = words[low] as number
  const b = words[(low + high) >> 1] as number
  const c = words[high - 1] as number
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
