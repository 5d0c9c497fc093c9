import type { ChatRecord } from './chat-record.ts'
import { textOf } from './message-state.ts'
import { wordList } from './words.ts'

// A chunk that is rewritten for one message has thousands of others.
const known = new WeakMap<ChatRecord, string>()

/** The word list of a message's text, as its author last edited it. */
export function wordsOf(record: ChatRecord): string {
  const words = known.get(record) ?? wordList(textOf(record.envelope, record.state.notes))
  known.set(record, words)
  return words
}
