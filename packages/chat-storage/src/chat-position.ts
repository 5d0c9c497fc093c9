/** A place in a conversation: before all messages with a later timestamp, or the same and a higher hash. */
export interface ChatPosition {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** Hash of a message; '' is before all of this timestamp. */
  readonly hash: string
}

/** Which message is meant: by its hash, and found at once where its timestamp is said too. */
export interface MessageReference {
  readonly hash: string
  /** Milliseconds since 1970. */
  readonly timestamp?: number | undefined
}
