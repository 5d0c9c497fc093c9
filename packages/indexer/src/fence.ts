import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { blockDamaged, formatUnknown } from './index-errors.ts'
import { prefixedKey } from './key-codec.ts'
import { copyOf } from './byte-copies.ts'
import { compareKeys } from './key-order.ts'

/*
 * A fence: what is in a group of leaves. Payload of a block of kind 17, version 1.
 *
 *   format version  1 byte   1
 *   tombstones      uint     entries of the group that are tombstones
 *   bytes           uint     payload bytes of the group: its leaves and filters, this fence not
 *   leaves          uint     at least 1, at most 4096
 *   leaf × leaves   shared   uint   bytes in common with the separator before
 *                   suffix   uint and that many bytes: the rest of the separator
 *                   entries  uint   entries of the leaf, at least 1
 *   filter          uint and that many bytes: the group's filter when it has no filter blocks, else empty
 *
 * A group lies in one piece: its leaves, then its filter blocks, then its fence. So the fence of block f
 * with n leaves and p filter blocks (both in the head) has its leaves at f − p − n … f − p − 1.
 *
 * Invariants: separators ascend strictly; each is above every key of the leaf before and not above
 * any of its own leaf. Of the first leaf the separator in the head counts, which is not lower: a merge may
 * take a group over as it lies.
 */

/** Block kind of a fence. */
export const FENCE_KIND = 17
/** Most leaves in one group. */
export const LEAVES_MAX = 4096
const FENCE_VERSION = 1
const NO_KEY = new Uint8Array(0)

/** What a fence says of one leaf. */
export interface FenceLeaf {
  /** Not above any key of the leaf, and above every key of the leaf before. */
  readonly separator: Uint8Array
  /** Entries in the leaf, tombstones included. */
  readonly entries: number
}

/** What a fence block holds. */
export interface Fence {
  /** Entries of the group that are tombstones. */
  readonly tombstones: number
  /** Payload bytes of the group's leaves and filter blocks. */
  readonly bytes: number
  readonly leaves: readonly FenceLeaf[]
  /** The group's filter when it has no filter blocks; empty when it has, or has none at all. */
  readonly filter: Uint8Array
}

/** Codec of a fence. `decode` throws `INDEX_FORMAT_UNKNOWN` or `INDEX_BLOCK_DAMAGED`, nothing else. */
export const fence: Codec<Fence> = {
  preencode(state: State, { tombstones, bytes, leaves, filter }: Fence): void {
    c.uint8.preencode(state, FENCE_VERSION)
    c.uint.preencode(state, tombstones)
    c.uint.preencode(state, bytes)
    c.uint.preencode(state, leaves.length)
    let before: Uint8Array = NO_KEY
    for (const { separator, entries } of leaves) {
      prefixedKey.preencode(state, separator, before)
      c.uint.preencode(state, entries)
      before = separator
    }
    c.uint.preencode(state, filter.length)
    state.end += filter.length
  },
  encode(state: State, { tombstones, bytes, leaves, filter }: Fence): void {
    c.uint8.encode(state, FENCE_VERSION)
    c.uint.encode(state, tombstones)
    c.uint.encode(state, bytes)
    c.uint.encode(state, leaves.length)
    let before: Uint8Array = NO_KEY
    for (const { separator, entries } of leaves) {
      prefixedKey.encode(state, separator, before)
      c.uint.encode(state, entries)
      before = separator
    }
    c.uint.encode(state, filter.length)
    state.buffer.set(filter, state.start)
    state.start += filter.length
  },
  decode(state: State): Fence {
    const version = state.buffer[state.start]
    if (version !== FENCE_VERSION) throw formatUnknown('fence', version)
    try {
      state.start += 1
      return decodeFence(state)
    } catch (cause) {
      throw blockDamaged('fence', cause instanceof Error ? cause.message : 'it is cut short', cause)
    }
  },
}

function decodeFence(state: State): Fence {
  const tombstones = c.uint.decode(state)
  const bytes = c.uint.decode(state)
  const count = c.uint.decode(state)
  // A leaf takes three bytes at least, which bounds what a count can make us allocate.
  if (count === 0 || count > LEAVES_MAX || count * 3 > state.end - state.start) {
    throw new Error('its count of leaves does not fit')
  }
  const leaves: FenceLeaf[] = []
  let before: Uint8Array | undefined
  let total = 0
  for (let i = 0; i < count; i++) {
    const separator: Uint8Array = prefixedKey.decode(state, before ?? NO_KEY)
    const entries = c.uint.decode(state)
    if (before !== undefined && compareKeys(before, separator) >= 0) {
      throw new Error('its separators do not ascend')
    }
    if (entries === 0 || entries > 0xffff) throw new Error('a count of entries is out of range')
    total += entries
    leaves.push({ separator, entries })
    before = separator
  }
  if (tombstones > total || bytes > Number.MAX_SAFE_INTEGER)
    throw new Error('its totals do not fit')
  const filterLength = c.uint.decode(state)
  if (filterLength !== state.end - state.start) throw new Error('its filter is cut short')
  const filter = copyOf(state.buffer.subarray(state.start, state.end))
  state.start = state.end
  return { tombstones, bytes, leaves, filter }
}
