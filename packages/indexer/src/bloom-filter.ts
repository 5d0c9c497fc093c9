import { finalMix } from './key-hash.ts'

/*
 * Bloom filters (Bloom, 1970) over the keys of a group, 10 bits a key and 6 probes: about 1 % false
 * positives. A large group's filter is split into partitions by a hash of the key, so that a reader
 * fetches one partition and need not know first which leaf would hold the key.
 *
 *   h          hashKey(key), 32 bits
 *   step       finalMix(h + 0x9e3779b9) | 1
 *   probe i    the bit floor((h + i × step mod 2^32) × bits / 2^32), i from 0 to 5
 *   partition  floor(finalMix(h ^ 0x5bd1e995) × partitions / 2^32), all as unsigned
 *   bit b      byte b >> 3, mask 1 << (b & 7)
 *
 * Invariant: a key that was added is never denied. An empty filter denies nothing.
 */
const BITS_PER_KEY = 10
const PROBES = 6
const TO_FRACTION = 2 ** -32

/** Bytes of a filter for `keys` keys. */
export function filterBytes(keys: number): number {
  return Math.max(8, Math.ceil((keys * BITS_PER_KEY) / 8))
}

/** Sets the bits of a key's hash in `bytes[start, end)`. */
export function addToFilter(bytes: Uint8Array, start: number, end: number, hash: number): void {
  const bits = (end - start) * 8
  const step = finalMix((hash + 0x9e3779b9) | 0) | 1
  let probe = hash
  for (let i = 0; i < PROBES; i++) {
    const bit = Math.floor((probe >>> 0) * bits * TO_FRACTION)
    const at = start + (bit >>> 3)
    bytes[at] = (bytes[at] as number) | (1 << (bit & 7))
    probe = (probe + step) | 0
  }
}

/** Whether a key with that hash may have been added; false is certain. */
export function filterMayHold(
  bytes: Uint8Array,
  start: number,
  end: number,
  hash: number,
): boolean {
  const bits = (end - start) * 8
  if (bits === 0) return true
  const step = finalMix((hash + 0x9e3779b9) | 0) | 1
  let probe = hash
  for (let i = 0; i < PROBES; i++) {
    const bit = Math.floor((probe >>> 0) * bits * TO_FRACTION)
    if (((bytes[start + (bit >>> 3)] as number) & (1 << (bit & 7))) === 0) return false
    probe = (probe + step) | 0
  }
  return true
}

/** Which of `partitions` filters a key with that hash belongs to. */
export function filterPartition(hash: number, partitions: number): number {
  return Math.floor((finalMix(hash ^ 0x5bd1e995) >>> 0) * partitions * TO_FRACTION)
}
