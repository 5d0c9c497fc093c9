import type { WaitOptions } from '@datagram/log-core'
import { defineInterface, type InterfaceStream } from '@datagram/stream'
import { isDatagramError } from '@datagram/errors'
import { decodeMark, type Mark, type MarkedKind, markKey, markValue } from './mark-record.ts'

/** A moderation stream: what somebody says of streams and authors, for whoever subscribes to it. */
export interface ModerationStream {
  /** Marks a stream or an author; the same label again gives it another reason. */
  mark(kind: MarkedKind, id: Uint8Array, label: string, reason?: string): Promise<void>
  /** Takes a mark back. */
  unmark(kind: MarkedKind, id: Uint8Array, label: string): Promise<void>
  /** Every mark that stands. What cannot be read is passed over. */
  marks(options?: WaitOptions): AsyncIterable<Mark>
  /** Gives something whenever marks have changed; on a replica as news arrives. */
  changes(signal: AbortSignal): AsyncIterable<unknown>
}

/** The interface of moderation streams. */
export const moderationInterface = defineInterface({
  name: 'moderation',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream): ModerationStream => ({
    mark: (kind, id, label, reason = '') =>
      stream.write((tx) => {
        tx.put(markKey({ kind, id, label }), markValue({ reason, markedMs: Date.now() }))
      }),
    unmark: (kind, id, label) =>
      stream.write((tx) => {
        tx.del(markKey({ kind, id, label }))
      }),
    async *marks(options) {
      for await (const [key, value] of stream.index.range({ ...options })) {
        const mark = readable(key, value)
        if (mark !== undefined) yield mark
      }
    },
    changes: (signal) => stream.changes({ signal }),
  }),
})

// What a newer program, or a moderator who means harm, has written must not hide the other marks.
function readable(key: Uint8Array, value: Uint8Array): Mark | undefined {
  try {
    return decodeMark(key, value)
  } catch (error) {
    if (isDatagramError(error, 'MARK_DAMAGED')) return undefined
    throw error
  }
}
