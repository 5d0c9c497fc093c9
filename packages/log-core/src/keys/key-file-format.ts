/// <reference path="../hypercore/declarations.d.ts" />
import b4a from 'b4a'
import c from 'compact-encoding'
import sodium from 'sodium-native'
import { type Codec, decode, encode, type State } from '../codec.ts'
import { logError } from '../log-errors.ts'
import { MEMORY_BYTES_MAX, OPERATIONS_MAX, type PasswordCost, SALT_BYTES } from './password.ts'

/*
 * The key file, version 1.
 *
 *   size  field
 *   4     magic, ASCII "DGKF"
 *   1     format version, 1
 *   1     protection: 0 none, 1 password (Argon2id 1.3, then XChaCha20-Poly1305)
 *   with a password:
 *     1..9  operations, compact-encoding uint
 *     1..9  memory in bytes, compact-encoding uint
 *     16    salt
 *   1..9 + n  the secrets, compact-encoding buffer: plain, or sealed (nonce ‖ tag ‖ ciphertext) with
 *         every byte before this field as associated data
 *   16    checksum: BLAKE2b-128 of every byte before it; tells a damaged file from a wrong password
 *
 * The secrets:
 *   32    content key
 *   32    signing seed
 *   n     compact-encoding uint count, then as often: name (string), value (buffer)
 */
const MAGIC = b4a.from('DGKF')
const VERSION = 1
const CHECKSUM_BYTES = 16
const KEY_BYTES = 32
const RECORDS_MAX = 1024

/** What a key file protects. */
export interface Secrets {
  /** 32 random bytes: every key that encrypts is derived from it. */
  readonly contentKey: Uint8Array
  /** 32 random bytes: every key pair that signs is derived from it. */
  readonly signingSeed: Uint8Array
  /** Small named secrets of the rooms above (the link that a clone came from). */
  readonly records: ReadonlyMap<string, Uint8Array>
}

/** How the secrets of a key file are protected. */
export type Protection = { readonly salt: Uint8Array; readonly cost: PasswordCost }

/** A key file as read: its protection, and the secrets as they lie there. */
export interface KeyFile {
  readonly protection: Protection | undefined
  readonly body: Uint8Array
}

/** The bytes before the body; they are the associated data of a sealed body. */
export function encodeKeyFileHead(protection: Protection | undefined): Uint8Array {
  const fixed = [MAGIC, b4a.from([VERSION, protection === undefined ? 0 : 1])]
  if (protection === undefined) return b4a.concat(fixed)
  const cost = protection.cost
  const operations = c.encode(c.uint, cost.operations)
  return b4a.concat([...fixed, operations, c.encode(c.uint, cost.memoryBytes), protection.salt])
}

/** A whole key file. */
export function encodeKeyFile({ protection, body }: KeyFile): Uint8Array {
  const content = b4a.concat([encodeKeyFileHead(protection), c.encode(c.buffer, b4a.from(body))])
  return b4a.concat([content, checksum(content)])
}

/** Reads a key file; throws `KEY_FILE_DAMAGED` or `STORE_VERSION_UNKNOWN`. */
export function decodeKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.byteLength < MAGIC.byteLength + 2 + CHECKSUM_BYTES) throw damaged('it is too short')
  const content = bytes.subarray(0, -CHECKSUM_BYTES)
  if (!b4a.equals(content.subarray(0, 4), MAGIC)) throw damaged('it is not a key file')
  if (!b4a.equals(bytes.subarray(-CHECKSUM_BYTES), checksum(content))) {
    throw damaged('its checksum does not match')
  }
  if (content[4] !== VERSION) {
    throw logError(
      'STORE_VERSION_UNKNOWN',
      `the key file has format version ${content[4]}, this program knows ${VERSION}; use a newer one`,
    )
  }
  try {
    return decodeBody(content)
  } catch (cause) {
    throw damaged('its fields do not fit', cause)
  }
}

function decodeBody(content: Uint8Array): KeyFile {
  const state: State = { start: 6, end: content.byteLength, buffer: content }
  const protection = content[5] === 0 ? undefined : decodeProtection(state)
  return { protection, body: c.buffer.decode(state) }
}

function decodeProtection(state: State): Protection {
  const cost = { operations: c.uint.decode(state), memoryBytes: c.uint.decode(state) }
  if (cost.operations > OPERATIONS_MAX || cost.memoryBytes > MEMORY_BYTES_MAX) {
    throw new RangeError('the cost of its password is out of bounds')
  }
  const salt = state.buffer.slice(state.start, state.start + SALT_BYTES)
  if (salt.byteLength !== SALT_BYTES) throw new RangeError('its salt is cut short')
  state.start += SALT_BYTES
  return { salt, cost }
}

const fixedKey = c.fixed(KEY_BYTES)

/** Codec of the secrets inside a key file. */
export const secretsCodec: Codec<Secrets> = {
  preencode(state, { records }) {
    state.end += 2 * KEY_BYTES
    c.uint.preencode(state, records.size)
    for (const [name, value] of records) {
      c.string.preencode(state, name)
      c.buffer.preencode(state, value)
    }
  },
  encode(state, { contentKey, signingSeed, records }) {
    fixedKey.encode(state, contentKey)
    fixedKey.encode(state, signingSeed)
    c.uint.encode(state, records.size)
    for (const [name, value] of records) {
      c.string.encode(state, name)
      c.buffer.encode(state, value)
    }
  },
  decode(state) {
    const contentKey = b4a.from(fixedKey.decode(state))
    const signingSeed = b4a.from(fixedKey.decode(state))
    const count = c.uint.decode(state)
    if (count > RECORDS_MAX) throw new RangeError(`${count} records are too many`)
    const records = new Map<string, Uint8Array>()
    for (let i = 0; i < count; i++) {
      const name = c.string.decode(state)
      records.set(name, b4a.from(c.buffer.decode(state) ?? new Uint8Array(0)))
    }
    return { contentKey, signingSeed, records }
  },
}

/** The secrets' bytes. */
export function encodeSecrets(secrets: Secrets): Uint8Array {
  return encode(secretsCodec, secrets)
}

/** The secrets; throws `KEY_FILE_DAMAGED`. */
export function decodeSecrets(bytes: Uint8Array): Secrets {
  try {
    return decode(secretsCodec, bytes)
  } catch (cause) {
    throw damaged('the secrets in it do not fit', cause)
  }
}

function checksum(content: Uint8Array): Uint8Array {
  const out = b4a.alloc(CHECKSUM_BYTES)
  sodium.crypto_generichash_batch(out, [b4a.from(content)])
  return out
}

function damaged(why: string, cause?: unknown): Error {
  return logError(
    'KEY_FILE_DAMAGED',
    `the key file cannot be used: ${why}; put it back from a copy that you made of it`,
    { cause },
  )
}
