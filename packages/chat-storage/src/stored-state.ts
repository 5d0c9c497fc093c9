import type { ChatPosition } from './chat-position.ts'
import type { Envelope } from './message.ts'

/** The field of a stored envelope in which a chat keeps what it knows of the message. */
export const STATE_FIELD = 'datagram'

/** What another message said about this one. */
export interface MessageNote extends ChatPosition {
  readonly type: string
  readonly from: string
  /** Its text: of an edit the new text, of a reaction what it is. */
  readonly message?: string | undefined
}

/** What a chat knows of a stored message. */
export interface MessageState {
  /** The hash that it is known by, where its text was forgotten. */
  readonly hash?: string | undefined
  /** The newest of each type and person. */
  readonly notes?: readonly MessageNote[] | undefined
}

/** The state in a stored envelope. */
export function stateOf(envelope: Envelope): MessageState {
  return (envelope[STATE_FIELD] ?? {}) as MessageState
}
