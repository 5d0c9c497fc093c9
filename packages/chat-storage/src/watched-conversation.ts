import { isDatagramError } from '@datagram/errors'
import type { WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import { type ChangedPlace, positionOnly } from './chat-change.ts'
import type { ChatPosition } from './chat-position.ts'
import { type ChatRecord, comparePositions } from './chat-record.ts'
import { isNote } from './message-state.ts'

/** A message that was seen. */
interface SeenMessage extends ChatPosition {
  /** An edit is seen by the message that has it: the edit itself may be forgotten. */
  readonly kind: 'message' | 'note' | 'edit'
  /** [note] Hash of the message that it says something about. */
  readonly about?: string | undefined
  /** [message] Its newest edit. */
  readonly edit?: ChatPosition | undefined
}

/** A chunk as it was seen. */
interface SeenChunk {
  readonly version: string | undefined
  readonly messages: readonly SeenMessage[]
}

/**
 * A conversation that somebody else writes: compares what is there with what was seen before. Takes memory for
 * the positions of its messages, and reads those chunks that have changed.
 */
export class WatchedConversation {
  readonly #book: ChatBook
  readonly #contact: string
  #chunks: ReadonlyMap<string, SeenChunk> = new Map()

  constructor(book: ChatBook, contact: string) {
    this.#book = book
    this.#contact = contact
  }

  /** What changed since it was asked before: what is gone, what came, what is said about messages. */
  async changes(wait: WaitOptions): Promise<readonly ChangedPlace[]> {
    const before = this.#chunks
    const now = await this.#look(wait)
    this.#chunks = now
    const gone = new Map(unlike(before, now).map((one) => [one.hash, one]))
    const came: SeenMessage[] = []
    const changes: ChangedPlace[] = []
    const said: ChangedPlace[] = []
    for (const one of unlike(now, before).sort(comparePositions)) {
      const was = gone.get(one.hash)
      gone.delete(one.hash)
      if (was === undefined) came.push(one)
      else if (one.edit !== undefined && one.edit.hash !== was.edit?.hash) {
        said.push({ type: 'noted', position: one.edit, about: positionOnly(one) })
      }
    }
    for (const one of gone.values()) {
      if (one.kind === 'message') changes.push({ type: 'deleted', position: positionOnly(one) })
    }
    for (const one of came) {
      if (one.kind === 'message') changes.push({ type: 'added', position: positionOnly(one) })
      // What is said about a message that is not here comes with that message.
      const about = one.about === undefined ? undefined : placeOf(now, one.about)
      if (about !== undefined) said.push({ type: 'noted', position: positionOnly(one), about })
    }
    return [...changes, ...said.sort((a, b) => comparePositions(a.position, b.position))]
  }

  // More may arrive while it looks, and take away what it was about to look at.
  async #look(wait: WaitOptions): Promise<ReadonlyMap<string, SeenChunk>> {
    for (;;) {
      const revision = this.#book.revision()
      try {
        return await this.#lookOnce(wait)
      } catch (error) {
        const isMoved = revision !== this.#book.revision()
        if (!isMoved || !isDatagramError(error, 'CHAT_CONTAINER_MISSING')) throw error
      }
    }
  }

  async #lookOnce(wait: WaitOptions): Promise<ReadonlyMap<string, SeenChunk>> {
    const seen = new Map<string, SeenChunk>()
    const { chunks } = (await this.#book.conversation(this.#contact, wait)) ?? { chunks: [] }
    for (const listed of chunks) {
      const { key, version } = await this.#book.chunkVersion(this.#contact, listed, wait)
      const known = this.#chunks.get(key)
      if (known !== undefined && known.version === version) {
        seen.set(key, known)
        continue
      }
      const { records } = await this.#book.chunk(this.#contact, listed, wait)
      seen.set(key, { version, messages: records.map(seenMessage) })
    }
    return seen
  }
}

function seenMessage(record: ChatRecord): SeenMessage {
  const { type, referenceMessageHash } = record.envelope.message.metadata
  const place = positionOnly(record)
  if (!isNote(record)) {
    const edit = record.state.notes?.find((note) => note.type === 'EDIT')
    return { ...place, kind: 'message', edit: edit && positionOnly(edit) }
  }
  if (type === 'EDIT') return { ...place, kind: 'edit' }
  return { ...place, kind: 'note', about: referenceMessageHash }
}

// The messages of chunks that are another in `others`.
function unlike(
  chunks: ReadonlyMap<string, SeenChunk>,
  others: ReadonlyMap<string, SeenChunk>,
): SeenMessage[] {
  return [...chunks].flatMap(([key, chunk]) => (others.get(key) === chunk ? [] : chunk.messages))
}

function placeOf(chunks: ReadonlyMap<string, SeenChunk>, hash: string): ChatPosition | undefined {
  for (const { messages } of chunks.values()) {
    const found = messages.find((one) => one.hash === hash)
    if (found !== undefined) return positionOnly(found)
  }
  return undefined
}
