import { type Codec, decode, encode, type Store } from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { containerError } from './container-errors.ts'
import type { BlindLink } from './link.ts'

/*
 * What a store hosts, kept among its small secrets (in the key file):
 *
 *   size  field
 *   1     format version, 1, or 2 where a roster follows
 *   1     kind; 0 container, 1 stream
 *   32    public key of the indexer log of the stream, or of the container's own stream
 *   32    public key of the stream's data log, or of the container's roster
 *   version 2:
 *   32    public key of the stream's own roster
 */
const VERSION = 1
const VERSION_ROSTER = 2
const SECRET_NAME = 'hosted'
const KEY_BYTES = 32
const KINDS = ['container', 'stream'] as const

const fixedKey = c.fixed(KEY_BYTES)

const codec: Codec<BlindLink> = {
  preencode(state, { rosterKey }) {
    state.end += 2 + (rosterKey === undefined ? 2 : 3) * KEY_BYTES
  },
  encode(state, { kind, key, otherKey, rosterKey }) {
    c.uint8.encode(state, rosterKey === undefined ? VERSION : VERSION_ROSTER)
    c.uint8.encode(state, KINDS.indexOf(kind))
    fixedKey.encode(state, key)
    fixedKey.encode(state, otherKey)
    if (rosterKey !== undefined) fixedKey.encode(state, rosterKey)
  },
  decode(state) {
    const version = c.uint8.decode(state)
    const kind = KINDS[c.uint8.decode(state)]
    const hasRoster = version === VERSION_ROSTER
    if (!hasRoster && version !== VERSION) throw new RangeError(`version ${version}`)
    if (kind === undefined || (hasRoster && kind !== 'stream')) throw new RangeError('its kind')
    const key = b4a.from(fixedKey.decode(state))
    const otherKey = b4a.from(fixedKey.decode(state))
    if (!hasRoster) return { kind, key, otherKey }
    return { kind, key, otherKey, rosterKey: b4a.from(fixedKey.decode(state)) }
  },
}

/** Whether this store hosts what it cannot read. */
export function isHosted(store: Store): boolean {
  return store.secret(SECRET_NAME) !== undefined
}

/** What this store hosts; undefined where it hosts nothing. Throws `RECORD_DAMAGED`. */
export function readHosted(store: Store): BlindLink | undefined {
  const bytes = store.secret(SECRET_NAME)
  return bytes && decodeHosted(bytes)
}

/** Reads the record's bytes. Throws `RECORD_DAMAGED`. */
export function decodeHosted(bytes: Uint8Array): BlindLink {
  try {
    return decode(codec, bytes)
  } catch (cause) {
    throw containerError(
      'RECORD_DAMAGED',
      'this folder no longer knows what it hosts; host the link in a new folder',
      { cause },
    )
  }
}

/** The record's bytes. */
export function encodeHosted(link: BlindLink): Uint8Array {
  return encode(codec, link)
}

/**
 * Makes this store a host of what the link names, or goes on with one that is: a newer link of the same stream may
 * name its roster too. Throws `FOLDER_IN_USE` when it holds anything else.
 */
export async function claimHosted(store: Store, link: BlindLink): Promise<void> {
  const known = readHosted(store)
  const isOther = known !== undefined && !b4a.equals(known.key, link.key)
  const isRead = ['container', 'origin'].some((name) => store.secret(name) !== undefined)
  if (isOther || isRead) {
    throw containerError(
      'FOLDER_IN_USE',
      'this folder holds another datagram; host in an empty folder',
    )
  }
  const isMore = known?.rosterKey === undefined && link.rosterKey !== undefined
  if (known === undefined || isMore) await store.setSecret(SECRET_NAME, encodeHosted(link))
}
