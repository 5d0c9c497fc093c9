import { randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import b4a from 'b4a'
import { chatError, containerDamaged } from './chat-errors.ts'

/*
 * A container is what a backend stores under one key: pieces, one after another. The first is its content
 * as it was, each further one what was added to it.
 *
 *   offset  size  field
 *   0       4     bytes of the piece behind this field, little endian
 *   4       1     format version, 1
 *   5       24    nonce, random
 *   29      …     ciphertext
 *   …       16    tag
 *
 * XChaCha20-Poly1305 under the storage key. Associated data: the bytes before the nonce, the container's
 * key (32 bytes), the number of the piece in its container (4, little endian), and the tag of the piece
 * before it (16; zeros for the first). So no piece opens in another container, in another place, or behind
 * another content than the one that it was added to.
 */
const VERSION = 1
const LENGTH_BYTES = 4
const HEAD_BYTES = LENGTH_BYTES + 1
const NONCE_BYTES = 24
const TAG_BYTES = 16

/** Bytes that sealing adds to the content of a piece. */
export const SEAL_BYTES = HEAD_BYTES + NONCE_BYTES + TAG_BYTES
export const STORAGE_KEY_BYTES = 32

/** Where a container ends: what the next piece is bound to. */
export interface ContainerEnd {
  /** How many pieces it has. */
  readonly pieces: number
  /** Tag of the last one. */
  readonly tag: Uint8Array
}

/** The end of a container that has no piece yet. */
export const NO_PIECES: ContainerEnd = { pieces: 0, tag: new Uint8Array(TAG_BYTES) }

/** The bytes of a container, opened. */
export interface OpenedContainer {
  /** The contents of its pieces, in order; at least one. */
  readonly contents: readonly Uint8Array[]
  readonly end: ContainerEnd
}

/** Seals `content` as the piece of the container `key` that follows `before`. */
export function sealPiece(
  storageKey: Uint8Array,
  key: string,
  before: ContainerEnd,
  content: Uint8Array,
): { readonly piece: Uint8Array; readonly end: ContainerEnd } {
  const piece = new Uint8Array(SEAL_BYTES + content.byteLength)
  const head = piece.subarray(0, HEAD_BYTES)
  new DataView(piece.buffer).setUint32(0, piece.byteLength - LENGTH_BYTES, true)
  piece[LENGTH_BYTES] = VERSION
  const nonce = randomBytes(NONCE_BYTES)
  piece.set(nonce, HEAD_BYTES)
  const cipher = xchacha20poly1305(storageKey, nonce, associated(head, key, before))
  cipher.encrypt(content, piece.subarray(HEAD_BYTES + NONCE_BYTES))
  return {
    piece,
    end: { pieces: before.pieces + 1, tag: Uint8Array.from(piece.subarray(-TAG_BYTES)) },
  }
}

/**
 * Opens all pieces of the container `key`. Throws `CHAT_CONTAINER_DAMAGED` (also for another storage key)
 * and `CHAT_FORMAT_UNKNOWN`.
 */
export function openContainer(
  storageKey: Uint8Array,
  key: string,
  bytes: Uint8Array,
): OpenedContainer {
  const contents: Uint8Array[] = []
  let end = NO_PIECES
  for (let at = 0; at < bytes.byteLength; ) {
    const piece = pieceAt(key, bytes, at)
    const nonce = piece.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
    const cipher = xchacha20poly1305(
      storageKey,
      nonce,
      associated(piece.subarray(0, HEAD_BYTES), key, end),
    )
    try {
      contents.push(cipher.decrypt(piece.subarray(HEAD_BYTES + NONCE_BYTES)))
    } catch (cause) {
      throw containerDamaged(key, `its piece ${end.pieces} does not open`, cause)
    }
    end = { pieces: end.pieces + 1, tag: Uint8Array.from(piece.subarray(-TAG_BYTES)) }
    at += piece.byteLength
  }
  if (contents.length === 0) throw containerDamaged(key, 'it is empty')
  return { contents, end }
}

function pieceAt(key: string, bytes: Uint8Array, at: number): Uint8Array {
  const left = bytes.byteLength - at
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, left)
  const length = left < LENGTH_BYTES ? left : LENGTH_BYTES + view.getUint32(0, true)
  if (left < SEAL_BYTES || length < SEAL_BYTES || length > left) {
    throw containerDamaged(key, `it ends within a piece, ${left} bytes after its beginning`)
  }
  const version = view.getUint8(LENGTH_BYTES)
  if (version !== VERSION) {
    throw chatError(
      'CHAT_FORMAT_UNKNOWN',
      `the container ${key} has format version ${version}, and this package reads ${VERSION}; install a newer one`,
      { details: { key, version } },
    )
  }
  return bytes.subarray(at, at + length)
}

function associated(head: Uint8Array, key: string, { pieces, tag }: ContainerEnd): Uint8Array {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, pieces, true)
  return b4a.concat([head, b4a.from(key.slice(2), 'hex'), number, tag])
}
