import type { WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import type { ChatPosition } from './chat-position.ts'
import { type ChatRecord, comparePositions, countBefore } from './chat-record.ts'
import { pageBefore, pageFrom } from './message-pages.ts'
import { LAST_POSITION, type MessageQuery } from './message-query.ts'
import type { Turns } from './turns.ts'

/** Reads messages of conversations a chunk at a time, each in a turn of its own. */
export class MessageReader {
  readonly #book: ChatBook
  readonly #turns: Turns

  constructor(book: ChatBook, turns: Turns) {
    this.#book = book
    this.#turns = turns
  }

  /** The messages that a query asks for. What changes meanwhile shows from the next chunk on. */
  async *records(
    contact: string,
    { from, to, around, limit, order, shows }: MessageQuery,
    wait?: WaitOptions,
  ): AsyncGenerator<ChatRecord, void, undefined> {
    if (around !== undefined) {
      const found = await this.#around(contact, { around, from, limit, shows }, wait)
      yield* order === 'oldest' ? found : found.reverse()
      return
    }
    let left = limit
    const pages =
      order === 'newest'
        ? this.#backwards(contact, from, to, wait)
        : this.#forwards(contact, from, to, wait)
    if (left === 0) return
    for await (const page of pages) {
      for (const record of page) {
        if (!shows(record)) continue
        yield record
        if (--left === 0) return
      }
    }
  }

  async *#backwards(
    contact: string,
    from: ChatPosition,
    to: ChatPosition,
    wait: WaitOptions | undefined,
  ): AsyncGenerator<readonly ChatRecord[], void, undefined> {
    for (let end = to; ; ) {
      const page = await this.#turns.run(() => pageBefore(this.#book, contact, end, wait))
      const [first] = page
      if (first === undefined) return
      const skipped = countBefore(page, from)
      yield page.slice(skipped).reverse()
      if (skipped > 0) return
      end = first
    }
  }

  async *#forwards(
    contact: string,
    from: ChatPosition,
    to: ChatPosition,
    wait: WaitOptions | undefined,
  ): AsyncGenerator<readonly ChatRecord[], void, undefined> {
    for (let start = from; ; ) {
      const page = await this.#turns.run(() => pageFrom(this.#book, contact, start, wait))
      const last = page.at(-1)
      if (last === undefined) return
      const wanted = page.slice(0, countBefore(page, to))
      yield wanted
      if (wanted.length < page.length) return
      start = { timestamp: last.timestamp, hash: `${last.hash}\0` }
    }
  }

  async #around(
    contact: string,
    {
      around,
      from,
      limit,
      shows,
    }: Pick<MessageQuery, 'from' | 'limit' | 'shows'> & {
      readonly around: ChatPosition
    },
    wait: WaitOptions | undefined,
  ): Promise<ChatRecord[]> {
    const half = Math.floor(limit / 2)
    const start = comparePositions(around, from) < 0 ? from : around
    const forwards = (count: number) =>
      take(this.#forwards(contact, start, LAST_POSITION, wait), count, shows)
    const after = await forwards(limit - half)
    const backwards = this.#backwards(contact, from, start, wait)
    const before = await take(backwards, limit - after.length, shows)
    if (before.length >= half) return [...before.reverse(), ...after]
    return [...before.reverse(), ...(await forwards(limit - before.length))]
  }
}

// Reads no further than it has to: a page that brings enough is the last.
async function take(
  pages: AsyncIterable<readonly ChatRecord[]>,
  count: number,
  shows: MessageQuery['shows'],
): Promise<ChatRecord[]> {
  const taken: ChatRecord[] = []
  if (count === 0) return taken
  for await (const page of pages) {
    taken.push(...page.filter(shows).slice(0, count - taken.length))
    if (taken.length >= count) break
  }
  return taken
}
