import { type Log, type Store, untilLength, type WaitOptions } from '@datagram/log-core'
import { ownLogs, provenAuthor, readHeader, streamKeys } from '@datagram/stream'
import b4a from 'b4a'
import { containerError } from './container-errors.ts'
import type { OpenedLink } from './link.ts'
import type { Member } from './member.ts'
import { evictLogs } from './member-logs.ts'
import type { Members } from './members.ts'
import { type MetaDatabase, nameTaken, streamNotFound } from './meta-database.ts'
import type { OpenStreams } from './open-streams.ts'
import type { ReplicableStream } from './replicable.ts'
import { appendToRoster, appendLeaving } from './roster.ts'
import type { StreamRecord } from './stream-record.ts'

/** What attaching works on. */
export interface AttachmentsContext {
  readonly store: Store
  readonly members: Members
  readonly open: OpenStreams
  readonly meta: MetaDatabase
  readonly roster: Log
}

/** Options of `Container.detach`. */
export interface DetachOptions {
  /** Drop its blocks as well; `compact` then gives their bytes back to the disk. Default false. */
  readonly evict?: boolean | undefined
}

/** How a stream that is attached is found: `reach` connects to somebody who has it. */
export interface Finding extends WaitOptions {
  readonly link: OpenedLink
  readonly reach: (id: Uint8Array) => Promise<void>
  /** Looks at the stream once its author is known, before it is taken: throws where it is not to be. */
  readonly admit?: ((stream: ReplicableStream) => void) | undefined
}

/** A stream that was found: what is recorded of it, and what proves its author. */
interface FoundStream {
  readonly record: StreamRecord
  readonly binding: Uint8Array | undefined
}

/** Somebody's streams in a container of one's own: how they come, and how they leave. */
export class Attachments {
  readonly #context: AttachmentsContext

  constructor(context: AttachmentsContext) {
    this.#context = context
  }

  /** Takes a stream under a name; the same again goes on where it was. Throws `STREAM_NAME_TAKEN`, `STREAM_ATTACHED`. */
  async attach(name: string, { link, reach, admit, ...wait }: Finding): Promise<Member> {
    const { meta, members, roster } = this.#context
    if (link.kind !== 'stream') {
      throw new TypeError('attach takes the link of one stream; a whole datagram is cloned')
    }
    const known = await meta.get(name, wait)
    if (known !== undefined && !b4a.equals(known.indexKey, link.key)) throw nameTaken(name)
    if (known !== undefined) {
      const member = await members.take(name, known)
      await reach(member.id)
      return member
    }
    await this.#assertNew(link, wait)
    const { record, binding } = await this.#find({ link, reach, admit, ...wait })
    // First the roster: what it names beyond the meta database, hosts keep in vain; the other way they would lack it.
    await appendToRoster(roster, record)
    await meta.add(name, record, binding)
    return members.take(name, record)
  }

  /** Lets a stream leave. Throws `STREAM_NOT_FOUND`, `STREAM_NOT_ATTACHED`. */
  async detach(name: string, evict: boolean): Promise<void> {
    const { meta, members, roster, open } = this.#context
    const record = await meta.get(name)
    if (record === undefined) throw streamNotFound(name)
    if (!record.attached) throw notAttached(name)
    await appendLeaving(roster, record.indexKey)
    await meta.remove(name)
    await leave({ members, open }, name, evict)
  }

  // One stream under two names would leave by the first and stay by the second.
  async #assertNew({ key }: OpenedLink, wait: WaitOptions): Promise<void> {
    for await (const [name, record] of this.#context.meta.list(wait)) {
      if (!b4a.equals(record.indexKey, key)) continue
      throw containerError(
        'STREAM_ATTACHED',
        `the link names a stream that is here already, as ${JSON.stringify(name)}; open it under that name, or detach it first`,
        { details: { name } },
      )
    }
  }

  /** Its indexer log is announced, `reach` connects to somebody who has it, and its header tells the rest. */
  async #find({ link, reach, admit, ...wait }: Finding): Promise<FoundStream> {
    const { key, streamKey } = link
    const { store, members } = this.#context
    const index = await store.openRemote(key, { cipherKey: streamKeys(streamKey).indexKey })
    const id = index.discoveryKey
    const provisional: ReplicableStream = { id, key, type: '', labels: [], logs: [index] }
    members.added.tell(provisional)
    try {
      await reach(id)
      await untilLength(index, 1, wait)
      const header = await readHeader(index, wait)
      const { dataKey } = ownLogs(header)
      const { author, binding } = provenAuthor(header, key) ?? {}
      const known: ReplicableStream = { ...provisional, type: header.type, author }
      members.altered.tell(known)
      admit?.(known)
      const facts = {
        type: header.type,
        title: '',
        labels: [],
        createdMs: header.created.ms,
        former: [],
      }
      const keys = { indexKey: key, dataKey, streamKey }
      return { record: { attached: true, id: b4a.alloc(16), ...keys, ...facts }, binding }
    } catch (error) {
      members.removed.tell(id)
      throw error
    }
  }
}

/** Lets a stream leave what is open here: connections stop replicating it at once, and its handle is closed. */
export async function leave(
  { members, open }: { readonly members: Members; readonly open: OpenStreams },
  name: string,
  evict: boolean,
): Promise<void> {
  const member = await members.leave(name)
  await open.closeOne(name)
  if (member !== undefined && evict) await evictLogs(member)
}

function notAttached(name: string): Error {
  return containerError(
    'STREAM_NOT_ATTACHED',
    `the stream ${JSON.stringify(name)} is one of this datagram's own, and only what was attached can be detached`,
    { details: { name } },
  )
}
