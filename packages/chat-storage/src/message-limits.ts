import { ATTACHMENTS_MAX, attachmentsOf } from './attachment-reference.ts'
import type { ChatClock } from './chat-clock.ts'
import { chatError } from './chat-errors.ts'
import { ChatRecord } from './chat-record.ts'
import type { Envelope } from './message.ts'

/** What a chat allows of a message. */
export class MessageLimits {
  readonly #messageBytesMax: number
  readonly #maxFutureMs: number | undefined
  readonly #clock: ChatClock

  constructor(messageBytesMax: number, maxFutureMs: number | undefined, clock: ChatClock) {
    this.#messageBytesMax = messageBytesMax
    this.#maxFutureMs = maxFutureMs
    this.#clock = clock
  }

  /** The record of an envelope that is to be added. Throws as `Chat.addMessage`. */
  record(envelope: Envelope): ChatRecord {
    const record = ChatRecord.of(envelope)
    if (attachmentsOf(record).length > ATTACHMENTS_MAX) {
      throw chatError(
        'CHAT_MESSAGE_INVALID',
        `this is no message: it has more than ${ATTACHMENTS_MAX} attachments; send several`,
      )
    }
    this.assertFits(record, this.#messageBytesMax)
    const maxFutureMs = this.#maxFutureMs
    if (maxFutureMs !== undefined && record.timestamp > this.#clock.now() + maxFutureMs) {
      throw chatError(
        'CHAT_TIMESTAMP_AHEAD',
        `the timestamp of a message is more than ${maxFutureMs} ms ahead of this clock; check both clocks`,
        { details: { timestamp: record.timestamp } },
      )
    }
    return record
  }

  /** Throws `CHAT_MESSAGE_TOO_LARGE`. */
  assertFits(record: ChatRecord, limit: number): void {
    if (record.bytes > limit) {
      throw chatError(
        'CHAT_MESSAGE_TOO_LARGE',
        `a message of ${record.bytes} bytes is over the limit of ${limit}; shorten it, or attach what is large`,
        { details: { bytes: record.bytes, limit } },
      )
    }
  }
}
