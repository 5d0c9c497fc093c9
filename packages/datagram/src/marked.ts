import { type Container, parseLink, streamNotFound } from '@datagram/container'
import { discoveryKeyOf } from '@datagram/log-core'
import { idOf, type MarkedKind } from '@datagram/multiplexer'
import b4a from 'b4a'
import { datagramError } from './datagram-errors.ts'

/**
 * What is marked: a stream, by its name here, a link to it or its id; or all streams of an author, by a stream of theirs
 * (its name here or a link to it), a link to the datagram that they were made in, or by the author's key.
 */
export type Marked = string | Uint8Array | { readonly author: string | Uint8Array }

/** What a mark names: one entry for each way by which somebody may know what is marked. */
export interface MarkedSubjects {
  readonly kind: MarkedKind
  readonly ids: readonly Uint8Array[]
}

type Streams = Pick<Container, 'list' | 'streams' | 'root' | 'authorKey'>

/** Throws `STREAM_NOT_FOUND`, `AUTHOR_UNKNOWN`, a TypeError, and what reading a link throws. */
export async function subjectsOf(container: Streams, what: Marked): Promise<MarkedSubjects> {
  if (!isAuthor(what)) return { kind: 'stream', ids: [await streamId(container, what)] }
  const { author } = what
  if (typeof author !== 'string') return { kind: 'author', ids: [author] }
  const isWhole = isLink(author) && parseLink(author).kind === 'container'
  const ids = isWhole ? makerIds(container, author) : await makersOf(container, author)
  return { kind: 'author', ids }
}

async function streamId(container: Streams, what: string | Uint8Array): Promise<Uint8Array> {
  if (typeof what !== 'string' || isLink(what)) return idOf(what)
  for await (const { name, key } of container.list()) {
    if (name === what) return discoveryKeyOf(key)
  }
  throw streamNotFound(what)
}

/** Of a link to a whole datagram nobody can tell the author's key but who has that datagram. */
function makerIds({ root, authorKey }: Streams, link: string): Uint8Array[] {
  const id = discoveryKeyOf(parseLink(link).key)
  return b4a.equals(id, root.id) && authorKey !== undefined ? [id, authorKey] : [id]
}

async function makersOf(container: Streams, what: string): Promise<Uint8Array[]> {
  const id = await streamId(container, what)
  const stream = container.streams().find((one) => b4a.equals(one.id, id))
  if (stream === undefined) throw streamNotFound(what)
  const makers = [stream.author, stream.origin].filter((maker) => maker !== undefined)
  if (makers.length > 0) return makers
  throw datagramError(
    'AUTHOR_UNKNOWN',
    'the stream does not prove who made it: it was made by an older version, or to name nobody; mark the stream itself',
  )
}

function isLink(text: string): boolean {
  return text.toLowerCase().startsWith('datagram://')
}

function isAuthor(what: Marked): what is { readonly author: string | Uint8Array } {
  return typeof what === 'object' && !(what instanceof Uint8Array)
}
