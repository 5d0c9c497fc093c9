import { chatError } from './chat-errors.ts'
import { assertEnvelope, type Envelope, messageHash } from './message.ts'
import type { ChatPosition } from './chat-position.ts'
import { stableJson } from './stable-json.ts'
import { type MessageState, STATE_FIELD, stateOf } from './stored-state.ts'

/** One stored message. Hash and JSON are computed when they are first asked for. */
export class ChatRecord implements ChatPosition {
  readonly envelope: Envelope
  readonly timestamp: number
  #hash: string | undefined
  #json: string | undefined
  #bytes: number | undefined

  private constructor(envelope: Envelope) {
    this.envelope = envelope
    this.timestamp = envelope.message.metadata.timestamp
  }

  /** Of an envelope that is being added: a copy of its own. Throws as {@link assertEnvelope}. */
  static of(envelope: Envelope): ChatRecord {
    assertEnvelope(envelope)
    if (STATE_FIELD in envelope) {
      throw chatError(
        'CHAT_MESSAGE_INVALID',
        `the field ${STATE_FIELD} of an envelope is the chat's own; leave it out`,
      )
    }
    let json: string
    try {
      json = stableJson(envelope)
    } catch (cause) {
      throw chatError(
        'CHAT_MESSAGE_INVALID',
        'this is no message: JSON cannot hold all of it; look at how it was made',
        { cause },
      )
    }
    const copy: unknown = JSON.parse(json)
    // What says of itself how it becomes JSON may have become another thing.
    assertEnvelope(copy)
    const record = new ChatRecord(copy)
    record.#json = json
    return record
  }

  /** Of what a chunk holds. Throws as {@link assertEnvelope}. */
  static stored(envelope: unknown): ChatRecord {
    assertEnvelope(envelope)
    return new ChatRecord(envelope)
  }

  /** What is known of the message beside its envelope. */
  get state(): MessageState {
    return stateOf(this.envelope)
  }

  get hash(): string {
    this.#hash ??= this.state.hash ?? messageHash(this.envelope.message)
    return this.#hash
  }

  /** The envelope as it is written. */
  get json(): string {
    this.#json ??= stableJson(this.envelope)
    return this.#json
  }

  /** Bytes of {@link json} in UTF-8. */
  get bytes(): number {
    this.#bytes ??= Buffer.byteLength(this.json)
    return this.#bytes
  }
}

/** The order of messages in a conversation: by timestamp, then by hash; the same on every device. */
export function comparePositions(a: ChatPosition, b: ChatPosition): number {
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp
  if (a === b) return 0
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0
}

/** How many of the sorted `records` are before `position`. */
export function countBefore(records: readonly ChatRecord[], position: ChatPosition): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePositions(records[middle] as ChatRecord, position) < 0) low = middle + 1
    else high = middle
  }
  return low
}
