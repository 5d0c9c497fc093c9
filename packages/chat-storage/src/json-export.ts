import { attachmentsOf } from './attachment-reference.ts'
import { type CopyRange, pagesWithin } from './chat-copy.ts'
import type { ChatTools } from './chat-tools.ts'
import { normalizedName } from './contact-name.ts'
import { isNote } from './message-state.ts'
import { viewOf } from './message-view.ts'
import type { ChatRecord } from './chat-record.ts'

/** As far as a date can be written. */
const DATE_MAX = 8_640_000_000_000_000

/** The messages as JSON, a line for each, oldest first; notes are with the messages that they are about. */
export async function* jsonExport(
  tools: ChatTools,
  range: CopyRange,
): AsyncGenerator<string, void, undefined> {
  const { account, book, turns } = tools
  const run = turns.run.bind(turns)
  const { conversations } = await run(() => book.root(range))
  const contacts = range.contact === undefined ? conversations : [normalizedName(range.contact)]
  yield `{"account":${JSON.stringify(account)},"conversations":[`
  for (const [place, contact] of contacts.entries()) {
    yield `${place === 0 ? '' : ','}\n{"contact":${JSON.stringify(contact)},"messages":[`
    let isFirst = true
    for await (const page of pagesWithin(tools, contact, range, run)) {
      for (const record of page) {
        if (isNote(record)) continue
        yield `${isFirst ? '' : ','}\n${JSON.stringify(told(record))}`
        isFirst = false
      }
    }
    yield ']}'
  }
  yield ']}\n'
}

function told(record: ChatRecord): object {
  const { timestamp, hash, text, editedAt, replyTo, envelope, ...rest } = viewOf(record)
  const { type, from, to } = envelope.message.metadata
  const notes = [...rest.reactions, ...rest.receipts]
  const attachments = attachmentsOf(record)
  return {
    time: dateOf(timestamp),
    from,
    to,
    type,
    text,
    editedAt: editedAt === undefined ? undefined : dateOf(editedAt),
    replyTo,
    isDeleteRequested: rest.isDeleteRequested || undefined,
    notes:
      notes.length === 0
        ? undefined
        : notes.map(({ type, from, message }) => ({ type, from, message })),
    attachments: attachments.length === 0 ? undefined : attachments,
    timestamp,
    hash,
  }
}

function dateOf(timestamp: number): string | undefined {
  return timestamp > DATE_MAX ? undefined : new Date(timestamp).toISOString()
}
