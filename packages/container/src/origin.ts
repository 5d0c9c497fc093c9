import { type Codec, decode, encode, type Store } from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'
import { containerError } from './container-errors.ts'
import { isHosted } from './hosted-record.ts'
import type { OpenedLink } from './link.ts'

/*
 * Where a clone came from, kept among the small secrets of its store (in the key file, under the
 * password), version 1:
 *
 *   size     field
 *   1        format version, 1
 *   32       public key of the container's indexer log
 *   32       key of the container's own stream
 *   1        1 when only some streams were asked for
 *   1..9     then: their count, and each name as a string
 */
const VERSION = 1
const SECRET_NAME = 'origin'
const KEY_BYTES = 32
const NAMES_MAX = 65_536

/** Where a clone came from, and what of it is wanted. */
export interface Origin {
  readonly key: Uint8Array
  readonly streamKey: Uint8Array
  /** Names of the streams that are wanted; undefined: all. */
  readonly names: readonly string[] | undefined
}

const fixedKey = c.fixed(KEY_BYTES)
const strings = c.array(c.string)

const codec: Codec<Origin> = {
  preencode(state, { names }) {
    state.end += 2 + 2 * KEY_BYTES
    if (names !== undefined) strings.preencode(state, [...names])
  },
  encode(state, { key, streamKey, names }) {
    c.uint8.encode(state, VERSION)
    fixedKey.encode(state, key)
    fixedKey.encode(state, streamKey)
    c.bool.encode(state, names !== undefined)
    if (names !== undefined) strings.encode(state, [...names])
  },
  decode(state) {
    const version = c.uint8.decode(state)
    if (version !== VERSION) throw new RangeError(`version ${version}`)
    const key = b4a.from(fixedKey.decode(state))
    const streamKey = b4a.from(fixedKey.decode(state))
    if (!c.bool.decode(state)) return { key, streamKey, names: undefined }
    const count = c.uint.decode(state)
    if (count > NAMES_MAX) throw new RangeError(`${count} names are too many`)
    return { key, streamKey, names: Array.from({ length: count }, () => c.string.decode(state)) }
  },
}

/** Where the container in this store was cloned from; undefined for one of our own. */
export function readOrigin(store: Store): Origin | undefined {
  const bytes = store.secret(SECRET_NAME)
  if (bytes === undefined) return undefined
  try {
    return decode(codec, bytes)
  } catch (cause) {
    throw containerError(
      'RECORD_DAMAGED',
      'this clone no longer knows where it came from; clone the link into a new folder',
      { cause },
    )
  }
}

/**
 * Makes this store a clone of what the link names, or goes on with one that is. Throws `FOLDER_IN_USE`
 * when it holds anything else. What is wanted of a new clone is `names`; that of an earlier one stays as it
 * is until `Container.want`.
 */
export async function claimOrigin(
  store: Store,
  { key, streamKey }: OpenedLink,
  names: readonly string[] | undefined,
): Promise<void> {
  const known = readOrigin(store)
  const isOther = known !== undefined && !b4a.equals(known.key, key)
  if (isOther || isHosted(store) || store.secret('container') !== undefined) {
    throw containerError(
      'FOLDER_IN_USE',
      'this folder holds another datagram; clone into an empty one',
    )
  }
  if (known === undefined) await writeOrigin(store, { key, streamKey, names })
}

/** Keeps which streams of a clone are wanted from now on; undefined: all. */
export async function writeOrigin(store: Store, origin: Origin): Promise<void> {
  await store.setSecret(SECRET_NAME, encode(codec, origin))
}
