import type { ChatPosition } from './chat-position.ts'
import { ChatRecord } from './chat-record.ts'
import type { Envelope } from './message.ts'
import { type MessageNote, type MessageState, STATE_FIELD } from './stored-state.ts'

const NOTE_TYPES: ReadonlySet<string> = new Set([
  'EDIT',
  'REACTION',
  'READ_OPENED',
  'READ_RECEIVED',
  'DELETE_REQUEST',
])

/** Whether a message only says something about another one. */
export function isNote({ envelope }: Pick<ChatRecord, 'envelope'>): boolean {
  const { type, referenceMessageHash } = envelope.message.metadata
  return NOTE_TYPES.has(type) && referenceMessageHash !== undefined
}

/** The text of a message, as its author last edited it. */
export function textOf({ message }: Envelope, notes: readonly MessageNote[] = []): string {
  const edit = notes.find(({ type }) => type === 'EDIT')
  return edit?.message ?? message.message ?? ''
}

/** What a message says about another one, as that one keeps it. */
export function noteOf({ envelope, hash }: ChatRecord): MessageNote {
  const { message, metadata } = envelope.message
  const { type, from, timestamp } = metadata
  return { type, from, timestamp, hash, ...(message === undefined ? {} : { message }) }
}

/**
 * What is known of a message by `author` with `note` too, or undefined where that says nothing new: an older
 * edit, reaction or receipt of the same person, or an edit or a request to delete by somebody else than the
 * author.
 */
export function withNote(
  author: string,
  notes: readonly MessageNote[],
  note: MessageNote,
): readonly MessageNote[] | undefined {
  const isAuthors = note.type === 'EDIT' || note.type === 'DELETE_REQUEST'
  if (isAuthors && note.from !== author) return undefined
  const same = notes.find(({ type, from }) => type === note.type && from === note.from)
  if (same !== undefined && !isLater(note, same)) return undefined
  return [...notes.filter((one) => one !== same), note]
}

/** A message that keeps `note` too, or undefined where that says nothing new. */
export function noted(record: ChatRecord, note: MessageNote): ChatRecord | undefined {
  const { notes: before = [], ...state } = record.state
  const notes = withNote(record.envelope.message.metadata.from, before, note)
  return notes && withState(record, { ...state, notes })
}

/** A message with what another copy of it knows too, or undefined where that is nothing new. */
export function withStateOf(record: ChatRecord, other: ChatRecord): ChatRecord | undefined {
  let next = record
  for (const note of other.state.notes ?? []) {
    // Where the texts before it were forgotten, an edit's is the message's own.
    const isOwn = note.type === 'EDIT' && note.message === undefined
    const told = isOwn ? { ...note, message: other.envelope.message.message } : note
    next = noted(next, told) ?? next
  }
  return next === record ? undefined : next
}

/** The message with another text and no trace of the one before; it is still known by its hash. */
export function rewritten(record: ChatRecord, note: MessageNote): ChatRecord {
  const { hash, envelope } = record
  const notes = (record.state.notes ?? []).filter(({ type }) => type !== 'EDIT')
  const { message: _, ...edit } = note
  const message = { ...envelope.message, message: note.message }
  const next = ChatRecord.stored({ ...envelope, message })
  return withState(next, { hash, notes: [...notes, edit] })
}

function withState({ envelope }: ChatRecord, state: MessageState): ChatRecord {
  const stored: Envelope = { ...envelope, [STATE_FIELD]: state }
  return ChatRecord.stored(stored)
}

function isLater(a: ChatPosition, b: ChatPosition): boolean {
  return a.timestamp === b.timestamp ? a.hash > b.hash : a.timestamp > b.timestamp
}
