import type { ConversationEdit } from './conversation-edit.ts'

/** What has an earlier timestamp than this is expired. */
export function expiredBefore(expireAfterMs: number | undefined): number {
  return expireAfterMs === undefined ? 0 : Math.max(0, Date.now() - expireAfterMs)
}

/** Takes away what is expired in a conversation; resolves with how many messages that were. */
export async function removeExpired(edit: ConversationEdit): Promise<number> {
  if (edit.expireAfterMs === undefined) return 0
  return edit.removeBefore(expiredBefore(edit.expireAfterMs))
}
