import { type BlockRange, type Codec, encode, type State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeCount, safeUint } from './checked-uint.ts'
import { formatUnknown, headDamaged } from './index-errors.ts'
import { groupStart, type Tier } from './run.ts'
import { tier } from './tier-codec.ts'

/*
 * A head: the state of the whole index. Payload of a block of kind 18, version 1. Every append to the
 * index's log ends in one, so the last block of the log, whatever its length, tells all.
 *
 *   format version  1 byte  1
 *   covers          uint    data-log length up to which operations are in the runs
 *   tiers           uint    newest first
 *   tier × tiers:
 *     flags         1 byte  bit 0: a merge is in progress; the others zero
 *     run                   the run, or the merge's output so far
 *     bound         key     only in a merge
 *     inputs        uint    only in a merge; at least 1
 *     run × inputs          only in a merge; newest first
 *   superseded      uint    ranges that no live run needs and that may not be dropped yet, ascending
 *   range × superseded:
 *     gap           uint    blocks between the end of the range before (or 0) and this one
 *     blocks        uint    at least 1
 *   …                       what a newer writer may add, and a reader of version 1 can do without
 *
 *   run:
 *     entries       uint    tombstones included
 *     tombstones    uint
 *     bytes         uint    payload bytes of its blocks
 *     superseded    uint    estimate of the bytes that it makes superfluous
 *     last          key     not below any of its keys; empty in an empty run
 *     groups        uint
 *     group × groups:
 *       separator   shared uint, suffix uint and that many bytes, as in a fence
 *       fence       int     block of the fence, as the distance from the run's fence before (or 0)
 *       leaves      uint    at least 1
 *       filters     uint
 *
 *   key:            uint and that many bytes
 *
 * Live are the head itself and the groups that it names. Everything else below it (block 0, if it is a
 * stream's header, excepted) is superseded, and is either in `superseded` or dropped: so an owner that
 * was killed before it dropped blocks finds them again without a search.
 */

/** Block kind of a head. */
export const HEAD_KIND = 18
const HEAD_VERSION = 1

/** What a head block holds. */
export interface Head {
  /** Data-log length up to which operations are in the runs. */
  readonly covers: number
  /** Newest first. */
  readonly tiers: readonly Tier[]
  /** Ranges of blocks that no live run needs and that may not be dropped yet, ascending. */
  readonly superseded: readonly BlockRange[]
}

/** The state of a log without a head. */
export const EMPTY_HEAD: Head = { covers: 0, tiers: [], superseded: [] }

/** Codec of a head. `decode` throws `INDEX_FORMAT_UNKNOWN` or `INDEX_HEAD_DAMAGED`, nothing else. */
export const head: Codec<Head> = {
  preencode(state: State, { covers, tiers, superseded }: Head): void {
    c.uint8.preencode(state, HEAD_VERSION)
    c.uint.preencode(state, covers)
    c.uint.preencode(state, tiers.length)
    for (const each of tiers) tier.preencode(state, each)
    c.uint.preencode(state, superseded.length)
    let end = 0
    for (const range of superseded) {
      c.uint.preencode(state, range.start - end)
      c.uint.preencode(state, range.end - range.start)
      end = range.end
    }
  },
  encode(state: State, { covers, tiers, superseded }: Head): void {
    c.uint8.encode(state, HEAD_VERSION)
    c.uint.encode(state, covers)
    c.uint.encode(state, tiers.length)
    for (const each of tiers) tier.encode(state, each)
    c.uint.encode(state, superseded.length)
    let end = 0
    for (const range of superseded) {
      c.uint.encode(state, range.start - end)
      c.uint.encode(state, range.end - range.start)
      end = range.end
    }
  },
  decode(state: State): Head {
    const version = state.buffer[state.start]
    if (version !== HEAD_VERSION) throw formatUnknown('head', version)
    try {
      state.start += 1
      const covers = safeUint(c.uint.decode(state))
      const tiers: Tier[] = []
      for (let left = decodeCount(state, 7); left > 0; left--) tiers.push(tier.decode(state))
      const superseded = decodeRanges(state)
      // What follows is of a newer writer, and can be done without: it is skipped.
      state.start = state.end
      return { covers, tiers, superseded }
    } catch (cause) {
      throw headDamaged(cause instanceof Error ? cause.message : 'it is cut short', cause)
    }
  },
}

/** The payload of a head block. */
export function encodeHead(value: Head): Uint8Array {
  return encode(head, value)
}

/** The head in block `block`. Throws as {@link head} does, also when it names blocks above itself. */
export function decodeHead(payload: Uint8Array, block: number): Head {
  const decoded = head.decode({ start: 0, end: payload.length, buffer: payload })
  for (const { run, merge } of decoded.tiers) {
    for (const group of [run, ...(merge?.inputs ?? [])].flatMap((each) => each.groups)) {
      if (groupStart(group) < 0 || group.fence >= block) {
        throw headDamaged(`it names block ${group.fence}, which is not below it`)
      }
    }
  }
  if ((decoded.superseded.at(-1)?.end ?? 0) > block) {
    throw headDamaged('it calls blocks superseded that are not below it')
  }
  return decoded
}

function decodeRanges(state: State): BlockRange[] {
  const ranges: BlockRange[] = []
  let end = 0
  for (let left = decodeCount(state, 2); left > 0; left--) {
    const start = safeUint(end + c.uint.decode(state))
    end = safeUint(start + c.uint.decode(state))
    if (end === start) throw new Error('a superseded range is empty')
    ranges.push({ start, end })
  }
  return ranges
}
