import type { ChatBook } from './chat-book.ts'
import type { ChatClock } from './chat-clock.ts'
import { comparePositions, type ChatRecord } from './chat-record.ts'
import type { ChatPosition } from './chat-position.ts'
import type { WaitOptions } from './chat-backend.ts'

/** So many chunks one step looks into at most: it must not hold others up. */
const STEP_CHUNKS = 8

/** Which messages of conversations live no longer. */
export class Expiry {
  readonly #book: ChatBook
  readonly #clock: ChatClock

  constructor(book: ChatBook, clock: ChatClock) {
    this.#book = book
    this.#clock = clock
  }

  /** What is before it in the conversation with `contact` is expired. */
  async livingFrom(contact: string, wait?: WaitOptions): Promise<ChatPosition> {
    const { expireAfterMs } = await this.#book.root(wait)
    return { timestamp: this.#before(expireAfterMs?.get(contact)), hash: '' }
  }

  /** Those of `records` that are not expired. */
  async living(contact: string, records: readonly ChatRecord[]): Promise<readonly ChatRecord[]> {
    const from = await this.livingFrom(contact)
    return records.filter((record) => comparePositions(record, from) >= 0)
  }

  /** When the first message of a conversation expires, in milliseconds since 1970; Infinity: none does. */
  async nextOf(contact: string): Promise<number> {
    const { expireAfterMs } = await this.#book.root()
    const ms = expireAfterMs?.get(contact)
    if (ms === undefined) return Infinity
    const [first] = (await this.#book.conversation(contact))?.chunks ?? []
    return first === undefined ? Infinity : first.timestamp + ms + 1
  }

  /** As {@link nextOf}, of all conversations. */
  async next(): Promise<number> {
    let next = Infinity
    const { expireAfterMs = new Map() } = await this.#book.root()
    for (const contact of expireAfterMs.keys()) next = Math.min(next, await this.nextOf(contact))
    return next
  }

  /** Takes some of what is expired away, for good; resolves with how many messages, 0 when nothing is left. */
  async step(): Promise<number> {
    const { expireAfterMs = new Map() } = await this.#book.root()
    for (const [contact, ms] of expireAfterMs) {
      const before = this.#before(ms)
      const removed = await this.#book.edit(
        async (editOf) => (await editOf(contact)).removeBefore(before, STEP_CHUNKS),
        { previous: 'forget' },
      )
      if (removed > 0) return removed
    }
    return 0
  }

  #before(expireAfterMs: number | undefined): number {
    return expireAfterMs === undefined ? 0 : Math.max(0, this.#clock.now() - expireAfterMs)
  }
}

/** The later of two places. */
export function laterOf(a: ChatPosition, b: ChatPosition): ChatPosition {
  return comparePositions(a, b) < 0 ? b : a
}
