/** What tells a chat the time. */
export interface ChatClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `work` once, in about `ms` milliseconds; what it returns takes that back. The process may end before. */
  wake(work: () => void, ms: number): () => void
}

/** The machine's. */
export const SYSTEM_CLOCK: ChatClock = {
  now: () => Date.now(),
  wake: (work, ms) => {
    const timer = setTimeout(work, ms).unref()
    return () => clearTimeout(timer)
  },
}
