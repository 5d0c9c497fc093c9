import { assertPassword, type Password } from '@datagram/log-core'
import { makeBlindLink, makeReadLink } from './link.ts'
import type { LinkAccess } from './link-format.ts'
import { notReady, type Root } from './root.ts'
import type { StreamRecord } from './stream-record.ts'

/** How something is shared. */
export interface ShareOptions {
  /** `read` (the default) carries the key; `blind` lets its holder host and read nothing. */
  readonly access?: LinkAccess | undefined
  /** A read link whose key is wrapped: the receiver must know the password too. */
  readonly password?: Password | undefined
}

/** A link to a whole container. Throws `CONTAINER_NOT_READY` for a clone that does not know its roster. */
export async function shareContainer(
  { key, streamKey, roster }: Root,
  options: ShareOptions,
): Promise<string> {
  const { access, password } = checked(options)
  if (access === 'read') return makeReadLink('container', key, streamKey, password)
  if (roster === undefined) throw notReady('its roster')
  return makeBlindLink('container', key, roster.key)
}

/** A link to one stream. */
export async function shareStream(
  { indexKey, dataKey, streamKey, rosterKey }: StreamRecord,
  options: ShareOptions,
): Promise<string> {
  const { access, password } = checked(options)
  if (access === 'read') return makeReadLink('stream', indexKey, streamKey, password)
  return makeBlindLink('stream', indexKey, dataKey, rosterKey)
}

// A slip here would hand out more than was meant, so nothing unknown passes for a default.
function checked(options: unknown): { access: LinkAccess; password: Password | undefined } {
  const isPlain = typeof options === 'object' && options !== null && !ArrayBuffer.isView(options)
  if (!isPlain || Object.keys(options).some((key) => key !== 'access' && key !== 'password')) {
    throw new TypeError('options of a link are an object of nothing but { access, password }')
  }
  if (Array.isArray(options)) throw new TypeError('options of a link are no array')
  const { access = 'read', password } = options as { access?: unknown; password?: unknown }
  if (access !== 'read' && access !== 'blind') throw new TypeError("access is 'read' or 'blind'")
  assertPassword(password)
  if (access === 'blind' && password !== undefined) {
    throw new TypeError('a blind link has no key to wrap under a password')
  }
  return { access, password }
}
