/// <reference path="../hypercore/declarations.d.ts" />
import sodium from 'sodium-native'

const NONCE_BYTES = 24
const TAG_BYTES = 16

/** Bytes that {@link sealSecret} adds. */
export const SECRET_BOX_BYTES = NONCE_BYTES + TAG_BYTES

/**
 * Seals a small secret: nonce (24 bytes, random) ‖ tag (16) ‖ ciphertext, XChaCha20-Poly1305 under
 * `key` (32 bytes). `associated` is authenticated with it and not stored.
 */
export function sealSecret(
  key: Uint8Array,
  secret: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const box = new Uint8Array(SECRET_BOX_BYTES + secret.byteLength)
  const nonce = box.subarray(0, NONCE_BYTES)
  sodium.randombytes_buf(nonce)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
    box.subarray(SECRET_BOX_BYTES),
    box.subarray(NONCE_BYTES, SECRET_BOX_BYTES),
    secret,
    associated,
    null,
    nonce,
    key,
  )
  return box
}

/** Opens what {@link sealSecret} made; undefined when key, box or associated data do not fit. */
export function openSecret(
  key: Uint8Array,
  box: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined {
  if (box.byteLength < SECRET_BOX_BYTES) return undefined
  const secret = new Uint8Array(box.byteLength - SECRET_BOX_BYTES)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
      secret,
      null,
      box.subarray(SECRET_BOX_BYTES),
      box.subarray(NONCE_BYTES, SECRET_BOX_BYTES),
      associated,
      box.subarray(0, NONCE_BYTES),
      key,
    )
  } catch {
    // libsodium only says that it does not open; the caller knows what that means.
    return undefined
  }
  return secret
}
