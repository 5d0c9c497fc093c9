import { BlockSet, type Log } from '@datagram/log-core'
import b4a from 'b4a'
import { decodeDropRecord } from './drop-record.ts'

/** Blocks of a stream's two logs. */
export interface DroppedSets {
  readonly data: BlockSet
  readonly index: BlockSet
}

/** What the records of one roster say was dropped, of every stream. Each record is read once. */
export class RecordedDrops {
  readonly #sets = new Map<string, DroppedSets>()
  #read = 0

  /** What is recorded of a stream, by the key of its indexer log. */
  async of(roster: Log, indexKey: Uint8Array): Promise<DroppedSets> {
    for await (const { index, payload } of roster.range({ start: this.#read })) {
      const record = decodeDropRecord(payload)
      this.#read = index + 1
      if (record === undefined) continue
      const sets = this.#setsOf(record.indexKey)
      for (const range of record.data) sets.data.add(range)
      for (const range of record.index) sets.index.add(range)
    }
    return this.#setsOf(indexKey)
  }

  #setsOf(indexKey: Uint8Array): DroppedSets {
    const name = b4a.toString(indexKey, 'hex')
    let sets = this.#sets.get(name)
    if (sets === undefined) {
      sets = { data: new BlockSet(), index: new BlockSet() }
      this.#sets.set(name, sets)
    }
    return sets
  }
}
