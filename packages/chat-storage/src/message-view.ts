import { attachmentsOf, type ChatAttachment } from './attachment-reference.ts'
import type { ChatPosition } from './chat-position.ts'
import type { ChatRecord } from './chat-record.ts'
import type { Envelope } from './message.ts'
import { textOf, withNote } from './message-state.ts'
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
  /** The files that belong to it: see `Chat.attachment`. Other texts of its `attachments` are in the envelope. */
  readonly attachments: readonly ChatAttachment[]
  /** All that was said about it: the newest of each type and person. */
  readonly notes: readonly MessageNote[]
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
  const { timestamp, hash, state } = record
  return view({ timestamp, hash, envelope: envelope as Envelope }, state.notes ?? [])
}

/** The message, with what others know was said about it. */
export function withNotes(message: ChatMessage, more: readonly MessageNote[]): ChatMessage {
  const { from } = message.envelope.message.metadata
  let { notes } = message
  for (const note of more) notes = withNote(from, notes, note) ?? notes
  return notes === message.notes ? message : view(message, notes)
}

function view(
  { timestamp, hash, envelope }: Pick<ChatMessage, 'timestamp' | 'hash' | 'envelope'>,
  notes: readonly MessageNote[],
): ChatMessage {
  const { metadata } = envelope.message
  const edit = notes.find(({ type }) => type === 'EDIT')
  return {
    timestamp,
    hash,
    envelope,
    text: textOf(envelope, notes),
    editedAt: edit?.timestamp,
    replyTo: metadata.type === 'REPLY' ? metadata.referenceMessageHash : undefined,
    attachments: attachmentsOf({ envelope }),
    notes,
    // An empty one takes back the one before.
    reactions: notes.filter(({ type, message }) => type === 'REACTION' && message),
    receipts: notes.filter(({ type }) => type === 'READ_RECEIVED' || type === 'READ_OPENED'),
    isDeleteRequested: notes.some(({ type }) => type === 'DELETE_REQUEST'),
  }
}
