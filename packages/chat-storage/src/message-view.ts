import type { ChatPosition } from './chat-position.ts'
import type { ChatRecord } from './chat-record.ts'
import type { Envelope } from './message.ts'
import { type MessageNote, STATE_FIELD } from './stored-state.ts'

/** A stored message, and what was said about it since. */
export interface ChatMessage extends ChatPosition {
  /** The hash by which it is known: see `messageHash`. */
  readonly hash: string
  /** The message as it was added, decrypted. It is shared: do not change it. */
  readonly envelope: Envelope
  /** Its text, as its author last edited it. */
  readonly text: string
  /** When its author last edited it: milliseconds since 1970. */
  readonly editedAt: number | undefined
  /** Hash of the message that it replies to. */
  readonly replyTo: string | undefined
  /** The newest of each person. */
  readonly reactions: readonly MessageNote[]
  /** Of types READ_RECEIVED and READ_OPENED. */
  readonly receipts: readonly MessageNote[]
  /** Whether its author asks that it be deleted. */
  readonly isDeleteRequested: boolean
}

/** What a chat gives of a stored message. */
export function viewOf(record: ChatRecord): ChatMessage {
  const { [STATE_FIELD]: _, ...envelope } = record.envelope
  const { notes = [] } = record.state
  const { message, metadata } = record.envelope.message
  const edit = notes.find(({ type }) => type === 'EDIT')
  return {
    timestamp: record.timestamp,
    hash: record.hash,
    envelope: envelope as Envelope,
    text: edit?.message ?? message ?? '',
    editedAt: edit?.timestamp,
    replyTo: metadata.type === 'REPLY' ? metadata.referenceMessageHash : undefined,
    // An empty one takes back the one before.
    reactions: notes.filter(({ type, message }) => type === 'REACTION' && message),
    receipts: notes.filter(({ type }) => type === 'READ_RECEIVED' || type === 'READ_OPENED'),
    isDeleteRequested: notes.some(({ type }) => type === 'DELETE_REQUEST'),
  }
}
