import c from 'compact-encoding'
import { decodeBlockRanges, encodeBlockRanges, preencodeBlockRanges } from '../block-ranges.ts'
import type { Codec, State } from '../codec.ts'
import type { BlockRange } from '../log.ts'

/*
 * What a peer says of blocks of a log that it does not have, in hypercore's extension message
 * `datagram/disclaimed/1`:
 *
 *   offset  size  field
 *   0       1     0 they are not to be expected of it, 1 they are again
 *   1       1..3  uint, count of ranges, at most 1,024, and for each, ascending:
 *   …       1..9  uint, blocks between the end of the range before (or 0) and this one
 *   …       1..9  uint, blocks, at least 1
 */
const WHATS = ['disclaimed', 'claimed'] as const
/** Most ranges of one message; more go in several. */
export const DISCLAIMER_RANGES_MAX = 1024
// As many as a log may have, as far as a peer's word goes.
const BLOCKS_MAX = 2 ** 32

export interface Disclaimer {
  readonly what: (typeof WHATS)[number]
  readonly ranges: readonly BlockRange[]
}

/** Codec of the message. `decode` throws for what no honest peer says. */
export const disclaimerMessage: Codec<Disclaimer> = {
  preencode(state, { ranges }) {
    state.end++
    preencodeBlockRanges(state, ranges)
  },
  encode(state, { what, ranges }) {
    c.uint8.encode(state, WHATS.indexOf(what))
    encodeBlockRanges(state, ranges)
  },
  decode(state) {
    try {
      return decodeDisclaimer(state)
    } catch (cause) {
      // The muxer takes a RangeError for a programming mistake, and throws it where nobody can catch it.
      throw new Error('what it disclaims cannot be read', { cause })
    }
  },
}

function decodeDisclaimer(state: State): Disclaimer {
  const what = WHATS[c.uint8.decode(state)]
  if (what === undefined) throw new RangeError('an unknown kind')
  const limits = { count: DISCLAIMER_RANGES_MAX, end: BLOCKS_MAX }
  return { what, ranges: decodeBlockRanges(state, limits) }
}
