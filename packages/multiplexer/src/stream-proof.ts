import { timingSafeEqual } from 'node:crypto'
import { deriveKey } from '@datagram/log-core'
import { DIGEST_HASH_BYTES } from './digest.ts'
import { HISTORY_BYTES } from './offer-record.ts'
import { HASH_BYTES } from './wire-fields.ts'

/** Which side of the connection proves. The role is in the proof, so that it cannot be sent back. */
export type Role = 'initiator' | 'responder'

const LABEL = 'datagram/prove/1'
const READ_LABEL = 'datagram/prove-read/1'
const DIGEST_LABEL = 'datagram/digest/1'
const HISTORIES_DIGEST_LABEL = 'datagram/digest/2'
const HISTORY_LABEL = 'datagram/history/1'

/**
 * Proof that a side of a connection knows a stream's key: BLAKE2b-256, keyed with the public key of
 * the stream's indexer log, over
 *
 *   size  field
 *   1     16, the length of the label
 *   16    'datagram/prove/1'
 *   1     role of the side that proves: 1 initiator, 0 responder
 *   64    hash of this connection's Noise handshake
 *   32    id of the stream
 *
 * It is worth nothing on another connection, in the other direction, or for another stream.
 */
export function proveStream(
  key: Uint8Array,
  role: Role,
  handshakeHash: Uint8Array,
  id: Uint8Array,
): Uint8Array {
  return deriveKey(key, LABEL, Buffer.concat([roleByte(role), handshakeHash, id]))
}

/**
 * Proof that a side of a connection can read a stream: as {@link proveStream}, keyed with the key of the stream, under
 * `datagram/prove-read/1`.
 */
export function proveReading(
  readKey: Uint8Array,
  role: Role,
  handshakeHash: Uint8Array,
  id: Uint8Array,
): Uint8Array {
  return deriveKey(readKey, READ_LABEL, Buffer.concat([roleByte(role), handshakeHash, id]))
}

function roleByte(role: Role): Uint8Array {
  return Uint8Array.of(role === 'initiator' ? 1 : 0)
}

/** Whether `proof` is what `prover` had to send, in a time that does not tell how much of it is right. */
export function isStreamProven(
  proof: Uint8Array,
  key: Uint8Array,
  prover: Role,
  handshakeHash: Uint8Array,
  id: Uint8Array,
): boolean {
  if (proof.byteLength !== HASH_BYTES) return false
  return timingSafeEqual(proof, proveStream(key, prover, handshakeHash, id))
}

/** Proves streams on one connection, and checks what the peer proves. */
export class StreamProver {
  readonly #ours: Role
  readonly #theirs: Role
  readonly #handshakeHash: Uint8Array

  constructor(role: Role, handshakeHash: Uint8Array) {
    this.#ours = role
    this.#theirs = role === 'initiator' ? 'responder' : 'initiator'
    this.#handshakeHash = handshakeHash
  }

  prove({ id, key }: ProvableStream): Uint8Array {
    return proveStream(key, this.#ours, this.#handshakeHash, id)
  }

  /** That this side can read the stream; undefined where it cannot. */
  proveReading({ id, readKey }: ReadableStream): Uint8Array | undefined {
    return readKey && proveReading(readKey, this.#ours, this.#handshakeHash, id)
  }

  /** Whether the peer can read the stream, as far as this side can tell. */
  isReadingProven({ id, readKey }: ReadableStream, proof: Uint8Array | undefined): boolean {
    if (readKey === undefined || proof?.byteLength !== HASH_BYTES) return false
    return timingSafeEqual(proof, proveReading(readKey, this.#theirs, this.#handshakeHash, id))
  }

  /**
   * What each side says of a stream in its digest, 16 bytes: keyed BLAKE2b-256, cut, with the key of a
   * proof, over what a proof covers and then 8 bytes for the length of each log, little endian; to a peer that
   * compares histories also over the hash of each log's tree, under another label.
   */
  digest({
    stream,
    lengths,
    treeHashes,
  }: {
    readonly stream: ProvableStream
    readonly lengths: readonly number[]
    readonly treeHashes?: readonly Uint8Array[] | undefined
  }) {
    const said = Buffer.alloc(8 * lengths.length)
    lengths.forEach((length, i) => said.writeBigUInt64LE(BigInt(length), 8 * i))
    const of = (role: Role) => {
      const context = [roleByte(role), this.#handshakeHash, stream.id, said, ...(treeHashes ?? [])]
      const label = treeHashes === undefined ? DIGEST_LABEL : HISTORIES_DIGEST_LABEL
      const hash = deriveKey(stream.key, label, Buffer.concat(context))
      return hash.subarray(0, DIGEST_HASH_BYTES)
    }
    return { ours: of(this.#ours), theirs: of(this.#theirs) }
  }

  /**
   * What each side says in an offer of the history of a log, 8 bytes: keyed BLAKE2b-256, cut, with the key of a proof, over
   * the role, the handshake's hash, the log's discovery key and the hash of its tree.
   */
  history({ key, log, treeHash }: LogHistory): { ours: Uint8Array; theirs: Uint8Array } {
    const of = (role: Role) => {
      const context = [roleByte(role), this.#handshakeHash, log, treeHash]
      return deriveKey(key, HISTORY_LABEL, Buffer.concat(context)).subarray(0, HISTORY_BYTES)
    }
    return { ours: of(this.#ours), theirs: of(this.#theirs) }
  }

  isProven({ id, key }: ProvableStream, proof: Uint8Array): boolean {
    return isStreamProven(proof, key, this.#theirs, this.#handshakeHash, id)
  }
}

interface LogHistory {
  /** Public key of the stream's indexer log. */
  readonly key: Uint8Array
  /** Discovery key of the log. */
  readonly log: Uint8Array
  readonly treeHash: Uint8Array
}

interface ReadableStream {
  readonly id: Uint8Array
  readonly readKey?: Uint8Array | undefined
}

interface ProvableStream {
  readonly id: Uint8Array
  readonly key: Uint8Array
}
