import { type BlockRange, BlockSet, type Log, type Store } from '@datagram/log-core'
import type { AloneNotes } from '@datagram/stream'
import { openAloneNotes } from './alone-notes.ts'

/** A part of a stream that nobody has any more, as far as was found: all who had it have forgotten it alone. */
export interface UnavailablePart {
  /** Name of the stream. */
  readonly stream: string
  /** Blocks of its data log. */
  readonly ranges: readonly BlockRange[]
  /** Bytes of these blocks, sealed as they are; less where it is not known of all. */
  readonly bytes: number
}

/**
 * What of somebody's streams was found to be with nobody any more: kept, so that a clone can say so later, and tells
 * those who take it from there. Reading asks for it all the same, and so does every update.
 */
export class UnavailableBlocks {
  readonly #notes: AloneNotes

  private constructor(notes: AloneNotes) {
    this.#notes = notes
  }

  static async open(store: Store): Promise<UnavailableBlocks> {
    return new UnavailableBlocks(await openAloneNotes(store, 'unavailable'))
  }

  /** What was found of a data log, and is neither here by now nor forgotten. */
  of(data: Log): readonly BlockRange[] {
    const set = new BlockSet(this.#notes.of(data.key).ranges)
    for (const range of [...data.here({ start: 0, end: data.length }), ...data.forgotten]) {
      set.delete(range)
    }
    return set.ranges
  }

  /** The same as it is told to people; undefined when there is nothing. */
  async part(stream: string, data: Log): Promise<UnavailablePart | undefined> {
    const ranges = this.of(data)
    if (ranges.length === 0) return undefined
    return { stream, ranges: [...ranges], bytes: await data.bytesOf(ranges) }
  }

  /** Tells the peers of a data log what is not to be expected from here. */
  disclaim(data: Log): void {
    for (const range of this.of(data)) data.disclaim(range)
  }

  /** Takes note of what a download has gone without. */
  async note(data: Log, found: readonly BlockRange[]): Promise<void> {
    const kept = this.#notes.of(data.key)
    const before = new BlockSet(kept.ranges)
    const now = new BlockSet(found)
    const news = found.flatMap((range) => before.without(range))
    const back = [...before.ranges].flatMap((range) => now.without(range))
    if (news.length > 0) await kept.forget(news, [])
    if (back.length > 0) await kept.want(back, { ranges: [], left: [] })
    const forgotten = new BlockSet(data.forgotten)
    // What was forgotten here since is still not to be expected.
    for (const range of back.flatMap((one) => forgotten.without(one))) data.recall(range)
    this.disclaim(data)
  }
}
