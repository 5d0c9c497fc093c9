/// <reference path="../hypercore/declarations.d.ts" />
import b4a from 'b4a'
import crypto from 'hypercore-crypto'
import sodium from 'sodium-native'

const KEY_BYTES = 32

/**
 * A 32-byte key derived from `parent` for one purpose: BLAKE2b-256 keyed with `parent` over
 * `byte length of label ‖ label ‖ context`. The label is ASCII, at most 255 bytes, and names the
 * purpose and its version (`datagram/1/log-cipher`).
 */
export function deriveKey(
  parent: Uint8Array,
  label: string,
  context: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const out = b4a.alloc(KEY_BYTES)
  const name = b4a.from(label)
  if (name.byteLength > 255) throw new TypeError('a key label has at most 255 bytes')
  sodium.crypto_generichash_batch(out, [b4a.from([name.byteLength]), name, context], parent)
  return out
}

/** The discovery key of the log of a public key: what names the log without giving the capability. */
export function discoveryKeyOf(key: Uint8Array): Uint8Array {
  return crypto.discoveryKey(key)
}

/** The Ed25519 key pair of a 32-byte seed. */
export function keyPairOf(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } {
  return crypto.keyPair(seed)
}

/** `count` bytes of the operating system's randomness. */
export function randomBytes(count: number): Uint8Array {
  const out = b4a.alloc(count)
  sodium.randombytes_buf(out)
  return out
}
