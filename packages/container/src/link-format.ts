/// <reference path="./declarations.d.ts" />
import {
  type Codec,
  decode,
  deriveKey,
  encode,
  MEMORY_BYTES_MAX,
  OPERATIONS_MAX,
  type PasswordCost,
  SALT_BYTES,
  SECRET_BOX_BYTES,
  type State,
} from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import z32 from 'z32'
import { containerError } from './container-errors.ts'

/*
 * A link: `datagram://` and the z-base-32 form (Zooko's, RFC-less; package z32) of these bytes. Case
 * does not matter when it is read, so it also fits the alphanumeric mode of a QR code in upper case.
 *
 *   size  field
 *   1     format version, 1, or 2 where a roster follows
 *   1     bits 0–1: kind; 0 container, 1 stream
 *         bits 2–3: access; 0 read, 1 blind
 *         bit 4: the secret is sealed under a password
 *   32    key: public key of the indexer log of the stream, or of the container's own stream
 *   read:            32  key of the stream
 *   read, password:  1..9  Argon2id passes, uint
 *                    1..9  Argon2id memory in bytes, uint
 *                    16    salt
 *                    72    the key of the stream, sealed (nonce ‖ tag ‖ ciphertext) under the password's
 *                          key, with every byte before this field as associated data
 *   blind:           32  public key of the data log of a stream; of a container, of its roster
 *   version 2, a stream, blind:
 *                    32  public key of the stream's own roster
 *   4     checksum: the first bytes of BLAKE2b-256 of all before, keyed with 32 zero bytes under the
 *         label `datagram/1/link-checksum`
 */
const SCHEME = 'datagram://'
const VERSION = 1
/** Of a blind link of a stream that names the stream's own roster too. */
const VERSION_ROSTER = 2
const KEY_BYTES = 32
const CHECKSUM_BYTES = 4
const SEALED_BYTES = SECRET_BOX_BYTES + KEY_BYTES
const FLAG_SEALED = 0x10
const KINDS = ['container', 'stream'] as const
const ACCESSES = ['read', 'blind'] as const
// The longest link of this version has some 150 characters; more is not even decoded.
const TEXT_MAX = 512

/** What a link names. */
export type LinkKind = (typeof KINDS)[number]
/** What a link allows: to read, or to host without reading. */
export type LinkAccess = (typeof ACCESSES)[number]

/** The secret of a read link that needs a password. */
export interface SealedSecret {
  readonly cost: PasswordCost
  readonly salt: Uint8Array
  readonly box: Uint8Array
}

/** All that a link says. */
export interface LinkContent {
  readonly kind: LinkKind
  readonly access: LinkAccess
  readonly key: Uint8Array
  /** read: the stream's key; blind: the public key of a stream's data log, of a container's roster. */
  readonly secret: Uint8Array | SealedSecret
  /** blind, of a stream: public key of the stream's own roster; absent in links of version 1. */
  readonly rosterKey?: Uint8Array | undefined
}

const fixedKey = c.fixed(KEY_BYTES)
const fixedSalt = c.fixed(SALT_BYTES)
const fixedBox = c.fixed(SEALED_BYTES)

/** Codec of a link's bytes without the checksum. `decode` may throw anything; use {@link parseLinkText}. */
const linkCodec: Codec<LinkContent> = {
  preencode(state, { secret, rosterKey }) {
    state.end += 2 + KEY_BYTES + (rosterKey === undefined ? 0 : KEY_BYTES)
    if (secret instanceof Uint8Array) state.end += KEY_BYTES
    else {
      c.uint.preencode(state, secret.cost.operations)
      c.uint.preencode(state, secret.cost.memoryBytes)
      state.end += SALT_BYTES + SEALED_BYTES
    }
  },
  encode(state, { kind, access, key, secret, rosterKey }) {
    const sealed = !(secret instanceof Uint8Array)
    const flags = KINDS.indexOf(kind) | (ACCESSES.indexOf(access) << 2) | (sealed ? FLAG_SEALED : 0)
    c.uint8.encode(state, rosterKey === undefined ? VERSION : VERSION_ROSTER)
    c.uint8.encode(state, flags)
    fixedKey.encode(state, key)
    if (secret instanceof Uint8Array) fixedKey.encode(state, secret)
    else encodeSealed(state, secret)
    if (rosterKey !== undefined) fixedKey.encode(state, rosterKey)
  },
  decode(state) {
    const version = c.uint8.decode(state)
    const flags = c.uint8.decode(state)
    const kind = KINDS[flags & 0x3]
    const access = ACCESSES[(flags >> 2) & 0x3]
    if (kind === undefined || access === undefined || flags > 0x1f) throw new RangeError('flags')
    const key = b4a.from(fixedKey.decode(state))
    const sealed = (flags & FLAG_SEALED) !== 0
    if (sealed && access === 'blind') throw new RangeError('a blind link has no secret to seal')
    const secret = sealed ? decodeSealed(state) : b4a.from(fixedKey.decode(state))
    const hasRoster = version === VERSION_ROSTER
    if (hasRoster && (kind !== 'stream' || access !== 'blind')) throw new RangeError('a roster')
    const rosterKey = hasRoster ? b4a.from(fixedKey.decode(state)) : undefined
    if (state.start !== state.end) throw new RangeError('bytes are left over')
    return { kind, access, key, secret, ...(rosterKey && { rosterKey }) }
  },
}

/** The text of a link. */
export function formatLink(content: LinkContent): string {
  const bytes = encode(linkCodec, content)
  return SCHEME + z32.encode(b4a.concat([bytes, checksum(bytes)]))
}

/** Reads a link's text. Throws `LINK_DAMAGED` or `LINK_VERSION_UNKNOWN`. */
export function parseLinkText(text: string): LinkContent {
  const bytes = linkBytes(text)
  const content = bytes.subarray(0, -CHECKSUM_BYTES)
  if (!b4a.equals(checksum(content), bytes.subarray(-CHECKSUM_BYTES))) {
    throw damaged('its checksum does not match')
  }
  if (content[0] !== VERSION && content[0] !== VERSION_ROSTER) {
    throw containerError(
      'LINK_VERSION_UNKNOWN',
      `the link is of version ${content[0]}, this program knows up to ${VERSION_ROSTER}; use a newer one`,
    )
  }
  try {
    return decode(linkCodec, content)
  } catch (cause) {
    throw damaged('its fields do not fit', cause)
  }
}

/** What is authenticated with the sealed secret: every byte of the link before it. */
export function sealedAssociated(
  { kind, access, key }: LinkContent,
  cost: PasswordCost,
  salt: Uint8Array,
): Uint8Array {
  const secret = { cost, salt, box: new Uint8Array(SEALED_BYTES) }
  return encode(linkCodec, { kind, access, key, secret }).subarray(0, -SEALED_BYTES)
}

function linkBytes(text: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError('a link is a string')
  const lower = text.trim().toLowerCase()
  if (!lower.startsWith(SCHEME)) throw damaged(`it does not begin with ${SCHEME}`)
  if (lower.length > TEXT_MAX) throw damaged('it is too long')
  const body = lower.slice(SCHEME.length)
  let bytes: Uint8Array
  try {
    bytes = z32.decode(body)
  } catch (cause) {
    throw damaged('it has characters that a link cannot have', cause)
  }
  if (bytes.byteLength < 2 + KEY_BYTES + CHECKSUM_BYTES) throw damaged('it is too short')
  // z-base-32 has spare bits at the end; two texts must not be the same link.
  if (z32.encode(b4a.from(bytes)) !== body) throw damaged('its last character was changed')
  return bytes
}

function encodeSealed(state: State, { cost, salt, box }: SealedSecret): void {
  c.uint.encode(state, cost.operations)
  c.uint.encode(state, cost.memoryBytes)
  fixedSalt.encode(state, salt)
  fixedBox.encode(state, box)
}

function decodeSealed(state: State): SealedSecret {
  const cost = { operations: c.uint.decode(state), memoryBytes: c.uint.decode(state) }
  if (cost.operations > OPERATIONS_MAX || cost.memoryBytes > MEMORY_BYTES_MAX) {
    throw new RangeError('the cost of its password is out of bounds')
  }
  const salt = b4a.from(fixedSalt.decode(state))
  return { cost, salt, box: b4a.from(fixedBox.decode(state)) }
}

function checksum(bytes: Uint8Array): Uint8Array {
  const zero = b4a.alloc(32)
  return deriveKey(zero, 'datagram/1/link-checksum', bytes).subarray(0, CHECKSUM_BYTES)
}

function damaged(why: string, cause?: unknown): Error {
  return containerError(
    'LINK_DAMAGED',
    `the link cannot be read: ${why}; ask for it again and copy the whole of it`,
    cause === undefined ? {} : { cause },
  )
}
