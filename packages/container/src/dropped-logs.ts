import { type BlockRange, BlockSet, type Log } from '@datagram/log-core'
import { type DropRecord, encodeDropRecord, RANGES_MAX } from './drop-record.ts'
import type { StreamLogs } from './member-logs.ts'
import type { RecordedDrops } from './recorded-drops.ts'
import { ROSTER_KIND } from './roster.ts'

/**
 * Records in a roster what an author's stream has dropped and no record of it says yet; `before`: blocks of the data log
 * that were dropped, beside those that the log knows of. Of an index log of one's own what is not here was dropped
 * for good. One record holds so many ranges: false when nothing was left to record.
 */
export async function recordDropped(
  roster: Log,
  { data, index }: StreamLogs,
  recorded: RecordedDrops,
  before: Iterable<BlockRange> = [],
): Promise<boolean> {
  const dropped = new BlockSet([...data.forgotten, ...before])
  const known = await recorded.of(roster, index.key)
  const record: DropRecord = {
    indexKey: index.key,
    dataLength: data.length,
    indexLength: index.length,
    // Of bodies that are not here some were evicted, and are not to go elsewhere.
    data: news(dropped.within({ start: 0, end: data.length }), known.data),
    index: news(missing(index), known.index),
  }
  if (record.data.length === 0 && record.index.length === 0) return false
  await roster.append({ kind: ROSTER_KIND, payload: encodeDropRecord(record) })
  return true
}

/** What a host drops as records of the roster tell it, once all that is left is here. */
export class HostedDrops {
  readonly #waiting: { readonly record: DropRecord; readonly logs: StreamLogs }[] = []

  /** Takes note of a record. What is not here is never asked for from now on. */
  async take(record: DropRecord, logs: StreamLogs): Promise<void> {
    for (const [log, ranges] of partsOf(record, logs)) {
      for (const range of ranges) {
        for (const part of missing(log, range)) await log.forget(part)
      }
    }
    this.#waiting.push({ record, logs })
  }

  /** Drops what may go now; with `anyway`, though not all that is left is here. Gives the bytes that went. */
  async settle(anyway: boolean): Promise<number> {
    let bytes = 0
    for (const one of [...this.#waiting]) {
      if (!anyway && !isComplete(one)) continue
      this.#waiting.splice(this.#waiting.indexOf(one), 1)
      for (const [log, ranges] of partsOf(one.record, one.logs)) {
        const before = await log.heldBytes()
        for (const range of ranges) await log.forget(range)
        bytes += before - (await log.heldBytes())
      }
    }
    return bytes
  }
}

// Whether all is here that was not dropped of the lengths that the record names. Of the indexer log its author may
// have dropped more since, which no record says yet: then a newer head is here, and nobody has the rest.
function isComplete({ record, logs }: { record: DropRecord; logs: StreamLogs }): boolean {
  const { data, index } = logs
  if (data.length < record.dataLength || index.length < record.indexLength) return false
  if (left(data, record.data, record.dataLength).length > 0) return false
  const rest = left(index, record.index, record.indexLength)
  const newest = { start: index.length - 1, end: index.length }
  return (
    rest.length === 0 ||
    (missing(index, newest).length === 0 && rest.every(({ start }) => index.holders(start) === 0))
  )
}

// What is wanted of the first blocks of a log, and not here.
function left(log: Log, dropped: readonly BlockRange[], length: number): BlockRange[] {
  const gone = new BlockSet([...log.forgotten, ...dropped])
  return gone.without({ start: 0, end: length }).flatMap((range) => missing(log, range))
}

// As many as a record holds; the next one has the rest.
function news(ranges: readonly BlockRange[], known: BlockSet): BlockRange[] {
  return ranges.flatMap((range) => known.without(range)).slice(0, RANGES_MAX)
}

function partsOf({ data, index }: DropRecord, logs: StreamLogs) {
  return [
    [logs.data, data],
    [logs.index, index],
  ] as const
}

function missing(log: Log, range: BlockRange = { start: 0, end: log.length }): BlockRange[] {
  return new BlockSet(log.here(range)).without(range)
}
