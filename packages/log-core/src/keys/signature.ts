/// <reference path="../hypercore/declarations.d.ts" />
import crypto from 'hypercore-crypto'

/** Bytes of a signature. */
export const SIGNATURE_BYTES = 64
const PUBLIC_KEY_BYTES = 32

/** The Ed25519 signature of a message, by the secret key (64 bytes) of a pair of `Store.keyPair`. */
export function signMessage(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return crypto.sign(message, secretKey)
}

/** Whether the holder of `publicKey` has signed a message; false as well for what is no signature or no key. */
export function isSignedBy(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES || publicKey.byteLength !== PUBLIC_KEY_BYTES) {
    return false
  }
  return crypto.verify(message, signature, publicKey)
}
