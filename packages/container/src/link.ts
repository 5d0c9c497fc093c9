import {
  derivePasswordKey,
  openSecret,
  type Password,
  passwordCosts,
  randomBytes,
  SALT_BYTES,
  sealSecret,
} from '@datagram/log-core'
import { containerError } from './container-errors.ts'
import {
  formatLink,
  type LinkAccess,
  type LinkContent,
  type LinkKind,
  parseLinkText,
  sealedAssociated,
} from './link-format.ts'

/** What a link says of itself to whoever holds it. */
export interface LinkInfo {
  /** Format version of the link. */
  readonly version: 1 | 2
  readonly kind: LinkKind
  readonly access: LinkAccess
  /** Public key that it names, 32 bytes. */
  readonly key: Uint8Array
  /** Whether {@link openLink} needs a password. */
  readonly needsPassword: boolean
  /** What it gives to whoever has it, in a sentence for people. */
  readonly gives: string
}

const gifts: Readonly<Record<LinkKind, Readonly<Record<LinkAccess, string>>>> = {
  container: {
    read: 'Whoever has this link can read every stream of a datagram, now and later',
    blind: 'Whoever has this link can keep and serve a whole datagram, and read none of it',
  },
  stream: {
    read: 'Whoever has this link can read one stream, now and later, and nothing else',
    blind: 'Whoever has this link can keep and serve one stream, and read none of it',
  },
}

/**
 * What a link is and allows, without opening it. Throws `LINK_DAMAGED`, `LINK_VERSION_UNKNOWN`, and a
 * TypeError for what is no string.
 */
export function parseLink(link: string): LinkInfo {
  const { kind, access, key, secret, rosterKey } = parseLinkText(link)
  const needsPassword = !(secret instanceof Uint8Array)
  const gives = `${gifts[kind][access]}${needsPassword ? ', if they know its password too' : ''}.`
  const version = rosterKey === undefined ? 1 : 2
  return { version, kind, access, key, needsPassword, gives }
}

/**
 * The link as a QR code takes it best: all its characters are of the alphanumeric mode, so that the code is a
 * third smaller. What a camera reads of it is the same link. Throws as {@link parseLink}.
 */
export function qrText(link: string): string {
  parseLinkText(link)
  return link.trim().toUpperCase()
}

/** A link that lets its holder read a stream, or, with a password, whoever knows that too. */
export async function makeReadLink(
  kind: LinkKind,
  key: Uint8Array,
  streamKey: Uint8Array,
  password: Password | undefined,
): Promise<string> {
  const content: LinkContent = { kind, access: 'read', key, secret: streamKey }
  if (password === undefined) return formatLink(content)
  const cost = passwordCosts.interactive
  const salt = randomBytes(SALT_BYTES)
  const passwordKey = await derivePasswordKey(password, salt, cost)
  const box = sealSecret(passwordKey, streamKey, sealedAssociated(content, cost, salt))
  return formatLink({ ...content, secret: { cost, salt, box } })
}

/**
 * A link that lets its holder host, and read nothing. `otherKey`: the public key of a stream's data log, of
 * a container's roster. `rosterKey`: that of a stream's own roster, where it has one.
 */
export function makeBlindLink(
  kind: LinkKind,
  key: Uint8Array,
  otherKey: Uint8Array,
  rosterKey?: Uint8Array,
): string {
  return formatLink({ kind, access: 'blind', key, secret: otherKey, rosterKey })
}

/** What a blind link names. */
export interface BlindLink {
  readonly kind: LinkKind
  /** Public key of the indexer log, 32 bytes. */
  readonly key: Uint8Array
  /** Public key of a stream's data log, of a container's roster. 32 bytes. */
  readonly otherKey: Uint8Array
  /** Public key of a stream's own roster, 32 bytes; of older links it is not known. */
  readonly rosterKey?: Uint8Array | undefined
}

/** Opens a blind link. Throws `LINK_DAMAGED`, `LINK_VERSION_UNKNOWN`, `LINK_NOT_BLIND`. */
export function openBlindLink(link: string): BlindLink {
  const { kind, access, key, secret, rosterKey } = parseLinkText(link)
  if (access === 'blind' && secret instanceof Uint8Array) {
    return { kind, key, otherKey: secret, ...(rosterKey && { rosterKey }) }
  }
  throw containerError(
    'LINK_NOT_BLIND',
    "this link lets you read the data; give it to cloneDatagram, or ask for one of share({ access: 'blind' }) to host it",
  )
}

/** A read link, opened. */
export interface OpenedLink {
  readonly kind: LinkKind
  /** Public key of the indexer log, 32 bytes. */
  readonly key: Uint8Array
  /** The key that opens the stream, 32 bytes. */
  readonly streamKey: Uint8Array
}

/**
 * Opens a read link. Throws `LINK_DAMAGED`, `LINK_VERSION_UNKNOWN`, `LINK_IS_BLIND`,
 * `LINK_PASSWORD_REQUIRED`, `LINK_PASSWORD_WRONG`.
 */
export async function openLink(link: string, password?: Password): Promise<OpenedLink> {
  const content = parseLinkText(link)
  const { kind, access, key, secret } = content
  if (access === 'blind') {
    throw containerError(
      'LINK_IS_BLIND',
      'this link lets you host the data, not read it; give it to hostDatagram, or ask for a read link',
    )
  }
  if (secret instanceof Uint8Array) return { kind, key, streamKey: secret }
  if (password === undefined) {
    throw containerError(
      'LINK_PASSWORD_REQUIRED',
      'this link needs a password; ask who made it and give it as { linkPassword }',
    )
  }
  const passwordKey = await derivePasswordKey(password, secret.salt, secret.cost)
  const associated = sealedAssociated(content, secret.cost, secret.salt)
  const streamKey = openSecret(passwordKey, secret.box, associated)
  if (streamKey === undefined) {
    throw containerError('LINK_PASSWORD_WRONG', 'the password of the link is wrong; try again')
  }
  return { kind, key, streamKey }
}
