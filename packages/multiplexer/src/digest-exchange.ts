import type { ReplicableStream } from '@datagram/container'
import type { Agreement } from './agreement.ts'
import { DIGEST_BITS_MAX, DIGEST_HASH_BYTES, type Digest, HASHES_PER_MESSAGE } from './digest.ts'
import type { StreamProver } from './stream-proof.ts'
import { messageBroken } from './wire-fields.ts'

// Streams to a bucket: a bucket costs 16 bytes, and one that differs costs an offer of each stream in it.
const STREAMS_PER_BUCKET = 4

/** A stream as it was when the digest was made. */
export interface DigestEntry {
  readonly agreement: Agreement
  readonly stream: ReplicableStream
  readonly lengths: readonly number[]
  /** The hash of each log's tree, where both sides compare them. */
  readonly treeHashes: readonly Uint8Array[] | undefined
}

interface Hashed extends DigestEntry {
  readonly ours: Uint8Array
  readonly theirs: Uint8Array
}

/** Each stream of a digest: whether the peer has said the same. */
export type Compared = (entry: DigestEntry, isSame: boolean) => void

/**
 * Instead of offering every stream that is known to both for long, each side sends hashes over all that it
 * would offer. A stream's hash is keyed with the stream's key and bound to the connection, as a proof is, so
 * that equal hashes prove both sides to know the same streams, of the same lengths.
 *
 * The sides may differ in the number of buckets; they are compared by the smaller. As a hash over several
 * streams is the XOR of theirs, the larger digest folds into it.
 */
export class DigestExchange {
  readonly #prover: StreamProver
  readonly #send: (message: Digest) => void
  readonly #compared: Compared
  readonly #theirs: Uint8Array[] = []
  #theirBits: number | undefined
  #ours: readonly Hashed[] | undefined
  #ourBits = 0
  #isOver = false

  constructor(prover: StreamProver, send: (message: Digest) => void, compared: Compared) {
    this.#prover = prover
    this.#send = send
    this.#compared = compared
  }

  /** Whether both sides have said all, and it was compared. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Says what this side would offer; once. */
  say(entries: readonly DigestEntry[]): void {
    this.#ours = entries.map((entry) => ({ ...entry, ...this.#prover.digest(entry) }))
    this.#ourBits = bitsFor(entries.length)
    const hashes = fold(this.#ours, 'ours', this.#ourBits)
    for (let first = 0; first < hashes.length; first += HASHES_PER_MESSAGE) {
      const part = hashes.slice(first, first + HASHES_PER_MESSAGE)
      this.#send({ bits: this.#ourBits, first, hashes: part })
    }
    this.#compare()
  }

  /** Takes a part of the peer's. Parts come in order, each once. */
  hear({ bits, first, hashes }: Digest): void {
    if (bits !== (this.#theirBits ?? bits) || first !== this.#theirs.length) {
      throw messageBroken('digest', 'its parts do not follow one another')
    }
    this.#theirBits = bits
    this.#theirs.push(...hashes)
    this.#compare()
  }

  #compare(): void {
    const ours = this.#ours
    const theirBits = this.#theirBits
    if (ours === undefined || theirBits === undefined || this.#theirs.length < 2 ** theirBits)
      return
    const bits = Math.min(this.#ourBits, theirBits)
    const expected = fold(ours, 'theirs', bits)
    const heard = emptyBuckets(bits)
    this.#theirs.forEach((hash, bucket) => addTo(heard[bucket >>> (theirBits - bits)], hash))
    this.#isOver = true
    this.#ours = []
    for (const entry of ours) {
      const bucket = bucketOf(entry.stream.id, bits)
      const [mine, peers] = [expected[bucket] as Uint8Array, heard[bucket] as Uint8Array]
      this.#compared(entry, Buffer.compare(mine, peers) === 0)
    }
  }
}

function bitsFor(streams: number): number {
  const bits = Math.ceil(Math.log2(Math.max(1, streams / STREAMS_PER_BUCKET)))
  return Math.min(DIGEST_BITS_MAX, bits)
}

function fold(entries: readonly Hashed[], side: 'ours' | 'theirs', bits: number): Uint8Array[] {
  const buckets = emptyBuckets(bits)
  for (const entry of entries) addTo(buckets[bucketOf(entry.stream.id, bits)], entry[side])
  return buckets
}

function emptyBuckets(bits: number): Uint8Array[] {
  return Array.from({ length: 2 ** bits }, () => new Uint8Array(DIGEST_HASH_BYTES))
}

function bucketOf(id: Uint8Array, bits: number): number {
  const head = ((id[0] as number) << 8) | (id[1] as number)
  return head >>> (16 - bits)
}

function addTo(sum: Uint8Array | undefined, hash: Uint8Array): void {
  sum?.forEach((byte, i) => {
    sum[i] = byte ^ (hash[i] as number)
  })
}
