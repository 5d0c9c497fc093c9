import type { AttachmentStore } from './attachment-store.ts'
import type { ChatBook } from './chat-book.ts'
import type { ChatMode } from './container-key.ts'
import type { Expiry } from './expiry.ts'
import type { MessageLimits } from './message-limits.ts'
import type { Turns } from './turns.ts'
import type { Upkeep } from './upkeep.ts'

/** What a chat works with. */
export interface ChatTools {
  readonly account: string
  readonly mode: ChatMode
  readonly book: ChatBook
  readonly turns: Turns
  readonly limits: MessageLimits
  readonly expiry: Expiry
  readonly attachments: AttachmentStore
  /** Absent where somebody else writes. */
  readonly upkeep: Upkeep | undefined
  /** Throws when the chat is closed. */
  readonly assertOpen: () => void
}
