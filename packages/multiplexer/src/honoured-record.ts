import { type Codec, decode, encode, type State } from '@datagram/log-core'
import c from 'compact-encoding'
import { multiplexerError } from './multiplexer-errors.ts'

const VERSION = 1
const FLAG_EVICT = 0x1
const FLAG_NAMED = 0x2
const LABELS_MAX = 64
const LISTS_MAX = 1024

/** Which marks somebody goes by. */
export interface Honoured {
  /** Marks with one of these labels count, at most 64; none: nothing is honoured. */
  readonly labels: readonly string[]
  /** Names of the lists that count, at most 1,024; undefined: one's own and all that were subscribed to. */
  readonly from: readonly string[] | undefined
  /** The blocks of what is marked are dropped. */
  readonly evict: boolean
}

const strings = c.array(c.string)

/*
 * What is honoured, version 1; a record of the key file.
 *
 *   size  field
 *   1     format version, 1
 *   1     bits: 0x1 the blocks of what is marked are dropped, 0x2 names of lists follow
 *   1..9  count of labels, at most 64, and each as a string
 *   with bit 0x2:
 *   1..9  count of lists, at most 1,024, and the name of each as a string
 */
const codec: Codec<Honoured> = {
  preencode(state: State, { labels, from }: Honoured): void {
    state.end += 2
    strings.preencode(state, [...labels])
    if (from !== undefined) strings.preencode(state, [...from])
  },
  encode(state: State, { labels, from, evict }: Honoured): void {
    c.uint8.encode(state, VERSION)
    c.uint8.encode(state, (evict ? FLAG_EVICT : 0) | (from === undefined ? 0 : FLAG_NAMED))
    strings.encode(state, [...labels])
    if (from !== undefined) strings.encode(state, [...from])
  },
  decode(state: State): Honoured {
    const version = c.uint8.decode(state)
    if (version !== VERSION) throw new RangeError(`version ${version}`)
    const flags = c.uint8.decode(state)
    const labels = decodeStrings(state, LABELS_MAX)
    const isNamed = (flags & FLAG_NAMED) !== 0
    const from = isNamed ? decodeStrings(state, LISTS_MAX) : undefined
    return { labels, from, evict: (flags & FLAG_EVICT) !== 0 }
  },
}

/** The record's bytes. Throws a TypeError for too many labels or lists. */
export function encodeHonoured(honoured: Honoured): Uint8Array {
  if (honoured.labels.length > LABELS_MAX || (honoured.from?.length ?? 0) > LISTS_MAX) {
    throw new TypeError(`at most ${LABELS_MAX} labels of at most ${LISTS_MAX} lists are honoured`)
  }
  return encode(codec, honoured)
}

/** Reads the record's bytes. Throws `MARK_DAMAGED`. */
export function decodeHonoured(bytes: Uint8Array): Honoured {
  try {
    return decode(codec, bytes)
  } catch (cause) {
    throw multiplexerError(
      'MARK_DAMAGED',
      'which marks are honoured cannot be read any more; say it once more',
      { cause },
    )
  }
}

function decodeStrings(state: State, max: number): string[] {
  const count = c.uint.decode(state)
  if (count > max) throw new RangeError(`${count} are too many`)
  return Array.from({ length: count }, () => c.string.decode(state))
}
