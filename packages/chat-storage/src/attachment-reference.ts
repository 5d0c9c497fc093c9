import type { ChatRecord } from './chat-record.ts'

/*
 * What a message says of an attachment, as one of the texts that dm3 calls attachments:
 *
 *   datagram-attachment:<SHA-256 of the content, 64 hexadecimal digits>?bytes=…&name=…&type=…
 *
 * The part behind the question mark is encoded as in the query of a URL.
 */
const SCHEME = 'datagram-attachment:'
const PATTERN = /^datagram-attachment:([0-9a-f]{64})\?(.*)$/s

/** So many attachments a message has at most. */
export const ATTACHMENTS_MAX = 100

/** A file that belongs to a message. */
export interface ChatAttachment {
  /** The text by which messages name it. */
  readonly reference: string
  /** SHA-256 of its content: 64 hexadecimal digits. */
  readonly hash: string
  /** Size of its content. */
  readonly bytes: number
  /** Name of the file. It comes from whoever sent it: it may have any characters. */
  readonly name: string | undefined
  /** MIME type, as whoever sent it says. */
  readonly type: string | undefined
}

/** How an attachment is to be named. */
export interface AttachmentNames {
  readonly name?: string | undefined
  readonly type?: string | undefined
}

/** Names an attachment. */
export function attachmentOf(
  hash: string,
  bytes: number,
  { name, type }: AttachmentNames,
): ChatAttachment {
  const query = new URLSearchParams({ bytes: String(bytes) })
  if (name !== undefined) query.set('name', name)
  if (type !== undefined) query.set('type', type)
  return { reference: `${SCHEME}${hash}?${query.toString()}`, hash, bytes, name, type }
}

/** The attachment that a text of a message names, or undefined where it names none. */
export function parseAttachment(reference: string): ChatAttachment | undefined {
  const [, hash, rest] = PATTERN.exec(reference) ?? []
  if (hash === undefined) return undefined
  const query = new URLSearchParams(rest)
  const bytes = Number(query.get('bytes') ?? NaN)
  if (!Number.isSafeInteger(bytes) || bytes < 0) return undefined
  const [name, type] = [query.get('name') ?? undefined, query.get('type') ?? undefined]
  return { reference, hash, bytes, name, type }
}

/** The attachments that a message names. */
export function attachmentsOf({
  envelope,
}: Pick<ChatRecord, 'envelope'>): readonly ChatAttachment[] {
  const references = envelope.message.attachments ?? []
  return references.flatMap((reference) => parseAttachment(reference) ?? [])
}
