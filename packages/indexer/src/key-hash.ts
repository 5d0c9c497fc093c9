/*
 * The hash of a key, for filters and for the table in memory: MurmurHash3, x86, 32 bits, seed 0
 * (Austin Appleby, public domain; https://github.com/aappleby/smhasher, MurmurHash3_x86_32), with words
 * read little endian. Filters on disk depend on it: test-vectors/indexer.json pins it.
 */

/** MurmurHash3_x86_32 of `bytes[start, end)` with seed 0, as a signed 32-bit integer. */
export function hashKey(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start
  const tail = start + (length & ~3)
  let hash = 0
  for (let i = start; i < tail; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    hash ^= scramble(word)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let i = end - 1; i >= tail; i--) rest = (rest << 8) | (bytes[i] as number)
  if (end > tail) hash ^= scramble(rest)
  return finalMix(hash ^ length)
}

/** MurmurHash3's finaliser: every bit of the input changes every bit of the result. */
export function finalMix(value: number): number {
  let hash = value
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
