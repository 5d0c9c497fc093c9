/// <reference path="./hypercore/declarations.d.ts" />
import sodium from 'sodium-native'
import { logError } from './log-errors.ts'

/*
 * A sealed block: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under the log's cipher key.
 *
 *   offset  size  field
 *   0       24    nonce, random
 *   24      16    authentication tag
 *   40      …     ciphertext of the envelope, as long as the envelope
 *
 * Associated data: the log's public key (32 bytes) and the block's index (8 bytes, little endian), so
 * that a block moved to another place or log does not open. The nonce is random and goes with the
 * block: nothing repeats when a store is restored from a copy, and the leaf hash that remains of a
 * dropped block cannot be guessed against.
 */
const NONCE_BYTES = 24
const TAG_BYTES = 16

// Asked of the operating system for many blocks at once, as a call of it takes longer than sealing a small
// block. They are public, and each is used once.
const nonces = new Uint8Array(64 * NONCE_BYTES)
let noncesUsed = nonces.length

/** Bytes that sealing adds to a block. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES
export const CIPHER_KEY_BYTES = 32

/** Seals and opens the blocks of one log. */
export class BlockCipher {
  readonly #key: Uint8Array
  readonly #associated = new Uint8Array(40)
  readonly #index = new DataView(this.#associated.buffer, 32, 8)

  /** `cipherKey` and `logKey`: 32 bytes each. */
  constructor(cipherKey: Uint8Array, logKey: Uint8Array) {
    if (cipherKey.byteLength !== CIPHER_KEY_BYTES) {
      throw logError('LOG_KEY_INVALID', 'a cipher key is 32 bytes; check where it was taken from')
    }
    this.#key = cipherKey
    this.#associated.set(logKey)
  }

  /** Seals in place: `block` has {@link SEAL_BYTES} free bytes before the envelope. */
  seal(index: number, block: Uint8Array): void {
    const nonce = block.subarray(0, NONCE_BYTES)
    const envelope = block.subarray(SEAL_BYTES)
    takeNonce(nonce)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
      envelope,
      block.subarray(NONCE_BYTES, SEAL_BYTES),
      envelope,
      this.#associate(index),
      null,
      nonce,
      this.#key,
    )
  }

  /** The envelope's bytes, in memory of their own; undefined when the block does not open. */
  open(index: number, block: Uint8Array): Uint8Array | undefined {
    if (block.byteLength < SEAL_BYTES) return undefined
    return this.#openInto(new Uint8Array(block.byteLength - SEAL_BYTES), index, block)
  }

  /**
   * The same in the block's own memory, which nobody else may use: of a large block, new memory costs much of what
   * opening it does. A block that does not open is lost.
   */
  openInPlace(index: number, block: Uint8Array): Uint8Array | undefined {
    if (block.byteLength < SEAL_BYTES) return undefined
    const { buffer, byteOffset, byteLength } = block
    // A plain Uint8Array, as all bytes are that are given out, where the block is a Buffer.
    const opened = new Uint8Array(buffer, byteOffset + SEAL_BYTES, byteLength - SEAL_BYTES)
    return this.#openInto(opened, index, block)
  }

  #openInto(opened: Uint8Array, index: number, block: Uint8Array): Uint8Array | undefined {
    try {
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
        opened,
        null,
        block.subarray(SEAL_BYTES),
        block.subarray(NONCE_BYTES, SEAL_BYTES),
        this.#associate(index),
        block.subarray(0, NONCE_BYTES),
        this.#key,
      )
    } catch {
      // libsodium says only that the tag does not match; the caller finds out whose fault it is.
      return undefined
    }
    return opened
  }

  #associate(index: number): Uint8Array {
    this.#index.setUint32(0, index >>> 0, true)
    this.#index.setUint32(4, Math.floor(index / 0x1_0000_0000), true)
    return this.#associated
  }
}

function takeNonce(nonce: Uint8Array): void {
  if (noncesUsed === nonces.length) {
    sodium.randombytes_buf(nonces)
    noncesUsed = 0
  }
  nonce.set(nonces.subarray(noncesUsed, noncesUsed + NONCE_BYTES))
  noncesUsed += NONCE_BYTES
}
