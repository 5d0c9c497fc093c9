import type { WaitOptions } from './chat-backend.ts'
import { normalizedName } from './contact-name.ts'
import type { ChatRoot } from './conversation.ts'

/** One of the conversations of an account. */
export interface ListedConversation {
  /** The contact's name, normalised. */
  readonly contact: string
  readonly isHidden: boolean
}

/** Which conversations. */
export interface ConversationsOptions extends WaitOptions {
  /** How many at most; default all. */
  readonly limit?: number | undefined
  /** A contact's name: only those behind it. */
  readonly cursor?: string | undefined
  /** Also those that are hidden; default false. */
  readonly hidden?: boolean | undefined
}

/** Those of an account's conversations that are asked for, by contact. */
export function listedConversations(
  { conversations, hidden: hiddenOnes = [] }: ChatRoot,
  { limit = Infinity, cursor, hidden = false }: ConversationsOptions,
): readonly ListedConversation[] {
  const after = cursor === undefined ? undefined : normalizedName(cursor)
  return conversations
    .filter((contact) => after === undefined || contact > after)
    .map((contact) => ({ contact, isHidden: hiddenOnes.includes(contact) }))
    .filter(({ isHidden }) => hidden || !isHidden)
    .slice(0, limit)
}
