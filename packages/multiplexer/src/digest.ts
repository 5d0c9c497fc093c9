import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { messageBroken, readByte, readBytes, readUint, writeBytes } from './wire-fields.ts'

/** Bytes of one hash of a digest. */
export const DIGEST_HASH_BYTES = 16
/** A digest has at most 2^12 buckets: 64 KiB. */
export const DIGEST_BITS_MAX = 12
/** Hashes in one message, so that it stays under the bound of a message. */
export const HASHES_PER_MESSAGE = 56

/** A part of a digest: the hashes of some of its buckets. */
export interface Digest {
  /** The digest has 2^bits buckets. */
  readonly bits: number
  /** Number of the first bucket of this message. */
  readonly first: number
  readonly hashes: readonly Uint8Array[]
}

/*
 * digest, message 9: what a side would offer, as one hash a bucket. A stream lies in the bucket that the
 * first `bits` bits of its id name.
 *
 *   size  field
 *   1     bits, 0..12: there are 2^bits buckets
 *   1..3  number of the first bucket here, uint
 *   1     number of buckets here, 1..56, and for each
 *   16      XOR of the hashes of its streams; zero where it has none
 *   …     fields of newer minor versions, skipped
 */
export const digest: Codec<Digest> = {
  preencode(state: State, { first, hashes }: Digest): void {
    state.end += 2 + hashes.length * DIGEST_HASH_BYTES
    c.uint.preencode(state, first)
  },
  encode(state: State, { bits, first, hashes }: Digest): void {
    state.buffer[state.start++] = bits
    c.uint.encode(state, first)
    state.buffer[state.start++] = hashes.length
    for (const hash of hashes) writeBytes(state, hash)
  },
  decode(state: State): Digest {
    const bits = readByte(state, 'digest', 'bits')
    if (bits > DIGEST_BITS_MAX) throw messageBroken('digest', `it has 2^${bits} buckets`)
    const first = readUint(state, 'digest', 'first bucket')
    const count = readByte(state, 'digest', 'number of buckets')
    if (count < 1 || count > HASHES_PER_MESSAGE || first + count > 2 ** bits) {
      throw messageBroken('digest', `it tells of buckets ${first} to ${first + count - 1}`)
    }
    const hashes = Array.from({ length: count }, () =>
      readBytes(state, 'digest', 'hash', DIGEST_HASH_BYTES),
    )
    return { bits, first, hashes }
  },
}
