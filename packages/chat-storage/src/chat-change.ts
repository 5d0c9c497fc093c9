import type { ChatPosition } from './chat-position.ts'
import type { ChatMessage } from './message-view.ts'
import type { MessageNote } from './stored-state.ts'

/** What happened in a conversation. */
export type ChatChange =
  /** A message is there; also a late one. */
  | { readonly type: 'added'; readonly contact: string; readonly message: ChatMessage }
  /** Something was said about a message: `note`. The message is given as it is now. */
  | {
      readonly type: 'edited' | 'reaction' | 'receipt' | 'delete-requested'
      readonly contact: string
      readonly message: ChatMessage
      readonly note: MessageNote
    }
  /** A message is gone: deleted, or expired. */
  | { readonly type: 'deleted'; readonly contact: string; readonly position: ChatPosition }

/** How a chat is watched. */
export interface WatchOptions {
  /** Ends it: what waits rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A change by where it is. What it says is read when it is given, so that one that waits takes no room. */
export interface ChangedPlace {
  readonly type: 'added' | 'noted' | 'deleted'
  /** Of the message, or of the one that says something about another. */
  readonly position: ChatPosition
  /** Of the message that something is said about. */
  readonly about?: ChatPosition | undefined
}

/** The position of a message, and nothing else of it. */
export function positionOnly({ timestamp, hash }: ChatPosition): ChatPosition {
  return { timestamp, hash }
}
