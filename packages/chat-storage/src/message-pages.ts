import type { WaitOptions } from './chat-backend.ts'
import type { ChatBook } from './chat-book.ts'
import type { ChatPosition } from './chat-position.ts'
import { type ChatRecord, countBefore } from './chat-record.ts'

/** Gives the nearest messages beside a place: those of one chunk, in order; none when there is none. */
export type PageBeside = (
  book: ChatBook,
  contact: string,
  position: ChatPosition,
  wait?: WaitOptions,
) => Promise<readonly ChatRecord[]>

/** The messages before `position` in the nearest chunk that has any. */
export const pageBefore: PageBeside = async (book, contact, position, wait) => {
  const { chunks } = (await book.conversation(contact, wait)) ?? { chunks: [] }
  for (let place = chunks.length - 1; place >= 0; place--) {
    const listed = chunks[place]
    if (listed === undefined || !mayBeginBefore(listed.timestamp, position)) continue
    const { records } = await book.chunk(contact, listed, wait)
    const count = countBefore(records, position)
    if (count > 0) return records.slice(0, count)
  }
  return []
}

/** The messages at or after `position` in the nearest chunk that has any. */
export const pageFrom: PageBeside = async (book, contact, position, wait) => {
  const { chunks } = (await book.conversation(contact, wait)) ?? { chunks: [] }
  // Those before the last chunk that surely begins before the position end before it.
  let place = chunks.length - 1
  while (place > 0 && (chunks[place]?.timestamp ?? 0) >= position.timestamp) place--
  for (const listed of chunks.slice(Math.max(0, place))) {
    const { records } = await book.chunk(contact, listed, wait)
    const from = countBefore(records, position)
    if (from < records.length) return records.slice(from)
  }
  return []
}

function mayBeginBefore(timestamp: number, position: ChatPosition): boolean {
  return (
    timestamp < position.timestamp || (timestamp === position.timestamp && position.hash !== '')
  )
}

/** The message at a place, whose hash may be said by its beginning alone; undefined where it is gone. */
export async function recordAt(
  book: ChatBook,
  contact: string,
  { timestamp, hash }: ChatPosition,
  wait?: WaitOptions,
): Promise<ChatRecord | undefined> {
  const [record] = await pageFrom(book, contact, { timestamp, hash }, wait)
  return record?.timestamp === timestamp && record.hash.startsWith(hash) ? record : undefined
}
