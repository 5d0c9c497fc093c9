import type { MessageReference } from './chat-position.ts'
import type { ConversationEdit } from './conversation-edit.ts'
import { rewritten } from './message-state.ts'

/** Takes a message away, with what others say about it; false when it is not there, and then it is not to come. */
export async function removeMessage(
  edit: ConversationEdit,
  message: MessageReference,
): Promise<boolean> {
  const record = await edit.find(message)
  if (record === undefined) {
    edit.deleted.push(message.hash)
    return false
  }
  for (const note of await edit.about(record.hash)) await edit.rewrite(note, undefined)
  await edit.rewrite(record, undefined)
  return true
}

/** Takes every text of a message away but the last that its author gave it. */
export async function forgetHistory(
  edit: ConversationEdit,
  message: MessageReference,
): Promise<void> {
  const record = await edit.find(message)
  const note = record?.state.notes?.find(({ type }) => type === 'EDIT')
  if (record === undefined || note === undefined) return
  for (const about of await edit.about(message.hash)) {
    if (about.envelope.message.metadata.type === 'EDIT') await edit.rewrite(about, undefined)
  }
  await edit.rewrite(record, rewritten(record, note))
}
