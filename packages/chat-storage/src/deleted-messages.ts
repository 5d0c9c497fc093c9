import b4a from 'b4a'
import { containerDamaged } from './chat-errors.ts'
import type { ChatRecord } from './chat-record.ts'
import { sha256 } from './container-key.ts'
import { isNote } from './message-state.ts'

/*
 * What was deleted, so that it does not come back when it is delivered again: a container of 16 bytes for each
 * message, the first ones of the SHA-256 of the contact's name and the message's hash; the newest last.
 */
const DIGEST_BYTES = 16

/** So many are remembered; of older ones it is no longer known that they were deleted. 64 KiB. */
export const DELETED_MAX = 4096

/** Which messages of an account were deleted. */
export class DeletedMessages {
  static readonly none = new DeletedMessages(new Set())
  readonly #digests: ReadonlySet<string>

  private constructor(digests: ReadonlySet<string>) {
    this.#digests = digests
  }

  /** Throws `CHAT_CONTAINER_DAMAGED` where `bytes` are no such list. */
  static decode(key: string, bytes: Uint8Array): DeletedMessages {
    if (bytes.byteLength % DIGEST_BYTES > 0)
      throw containerDamaged(key, 'it is no list of messages')
    const digests = new Set<string>()
    for (let at = 0; at < bytes.byteLength; at += DIGEST_BYTES) {
      digests.add(b4a.toString(bytes.subarray(at, at + DIGEST_BYTES), 'hex'))
    }
    return new DeletedMessages(digests)
  }

  encode(): Uint8Array {
    return b4a.from([...this.#digests].join(''), 'hex')
  }

  /** Whether the message with this hash was deleted in the conversation with `contact`. */
  has(contact: string, hash: string): boolean {
    return this.#digests.has(digestOf(contact, hash))
  }

  /** Whether it is such a message, or says something about one. */
  concerns(contact: string, record: Pick<ChatRecord, 'envelope' | 'hash'>): boolean {
    const { referenceMessageHash: about } = record.envelope.message.metadata
    if (isNote(record) && this.has(contact, about as string)) return true
    return this.has(contact, record.hash)
  }

  /** Without those that these messages are. */
  except(contact: string, records: readonly ChatRecord[]): DeletedMessages {
    const there = records.filter(({ hash }) => this.has(contact, hash))
    if (there.length === 0) return this
    const digests = new Set(this.#digests)
    for (const { hash } of there) digests.delete(digestOf(contact, hash))
    return new DeletedMessages(digests)
  }

  /** What `older` and these are together. */
  after(older: DeletedMessages): DeletedMessages {
    if ([...older.#digests].every((digest) => this.#digests.has(digest))) return this
    const digests = new Set([...older.#digests, ...this.#digests])
    return new DeletedMessages(new Set([...digests].slice(-DELETED_MAX)))
  }

  with(contact: string, hashes: readonly string[]): DeletedMessages {
    if (hashes.every((hash) => this.has(contact, hash))) return this
    const digests = new Set([...this.#digests, ...hashes.map((hash) => digestOf(contact, hash))])
    return new DeletedMessages(new Set([...digests].slice(-DELETED_MAX)))
  }
}

function digestOf(contact: string, hash: string): string {
  return sha256(contact + hash).slice(2, 2 + 2 * DIGEST_BYTES)
}
