import type { ChatRecord } from './chat-record.ts'
import type { ConversationEdit } from './conversation-edit.ts'
import { isNote, noted, noteOf } from './message-state.ts'

/** So many messages about others wait for those; the oldest is not waited with any longer. */
const WAITING_MAX = 1000

/**
 * Lets messages know what messages that were just added say about them, whichever came first. What would
 * make a message larger than a chunk is not noted; it stays stored as the message that it is. `notes` says which of
 * them are to be told to others, where those know of the rest.
 */
export async function annotate(
  edit: ConversationEdit,
  added: readonly ChatRecord[],
  notes: (record: ChatRecord) => boolean = isNote,
): Promise<void> {
  for (const record of added) {
    if (!isNote(record)) edit.tellAdded(record)
    await catchUp(edit, record)
    if (notes(record)) await note(edit, record, { isNews: true })
  }
}

// What was there before its message comes with that one, and is no news of its own.
async function note(
  edit: ConversationEdit,
  record: ChatRecord,
  { isNews }: { readonly isNews: boolean },
): Promise<void> {
  const about = record.envelope.message.metadata.referenceMessageHash as string
  const target = await edit.find({ hash: about })
  if (target === undefined) {
    const { timestamp, hash } = record
    edit.waiting = [...edit.waiting, { about, timestamp, hash }].slice(-WAITING_MAX)
    return
  }
  const next = noted(target, noteOf(record))
  if (next === undefined || !(await edit.replace(next)) || !isNews) return
  edit.tellNoted(record, target)
}

// Those that were there before the message that they are about.
async function catchUp(edit: ConversationEdit, { hash }: ChatRecord): Promise<void> {
  const waiting = edit.waiting.filter(({ about }) => about === hash)
  if (waiting.length === 0) return
  edit.waiting = edit.waiting.filter(({ about }) => about !== hash)
  for (const position of waiting) {
    const record = await edit.get(position)
    if (record !== undefined) await note(edit, record, { isNews: false })
  }
}
