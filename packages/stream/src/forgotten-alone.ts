import { type Block, type BlockRange, BlockSet, decode, type Log } from '@datagram/log-core'
import b4a from 'b4a'
import {
  ALONE_KIND,
  ALONE_RANGES_MAX,
  type AloneRecord,
  decodeAlone,
  encodeAlone,
} from './alone-record.ts'
import { encodeMoved, movedFrame, standFor } from './moved-frame.ts'

/** A frame of which something was forgotten, and its payload without it. */
export interface LeftOfFrame {
  readonly frame: Block
  readonly payload: Uint8Array
}

/** What stays forgotten when something else of the same frames is wanted again. */
export interface StillForgotten {
  /** The blocks that these frames lie in now. */
  readonly ranges: readonly BlockRange[]
  readonly left: readonly LeftOfFrame[]
}

/** What this machine has forgotten alone of one data log. */
export class ForgottenAlone {
  readonly #notes: AloneNotes
  readonly #dataKey: Uint8Array
  readonly #forgotten = new BlockSet()
  /** Frames of which something is left here, and the block of the notes that it lies in. */
  readonly #left = new Map<number, number>()

  constructor(notes: AloneNotes, dataKey: Uint8Array) {
    this.#notes = notes
    this.#dataKey = dataKey
  }

  /** The blocks that are not to come back. */
  get ranges(): readonly BlockRange[] {
    return this.#forgotten.ranges
  }

  /** Whether a block is forgotten, wholly or in part. */
  has(block: number): boolean {
    return this.#forgotten.has(block)
  }

  /** Whether something of a frame is left. */
  hasLeft(block: number): boolean {
    return this.#left.has(block)
  }

  /** A frame as far as it is left. */
  async left(block: number): Promise<Block> {
    const record = decodeAlone(await this.#notes.read(this.#left.get(block) as number))
    const payload = record.type === 'left' ? record.moved : new Uint8Array(0)
    return standFor(block, { payload })
  }

  /** Takes note that blocks are forgotten, and of what is left of those that are frames: all or nothing. */
  async forget(ranges: readonly BlockRange[], left: readonly LeftOfFrame[]): Promise<void> {
    await this.#append(this.#forgetting(ranges, left))
  }

  /** Takes note that blocks are wanted again, all but what of them is `still` forgotten: all or nothing. */
  async want(ranges: readonly BlockRange[], still: StillForgotten): Promise<void> {
    await this.#append([
      ...this.#rangeRecords('wanted', new BlockSet(ranges).ranges),
      ...this.#forgetting(still.ranges, still.left),
    ])
  }

  /** Applies a record in block `at` of the notes; gives a block of the notes that it has made useless. */
  apply(record: AloneRecord, at: number): readonly number[] {
    if (record.type === 'left') {
      const { block } = decode(movedFrame, record.moved)
      const before = this.#left.get(block)
      this.#left.set(block, at)
      return before === undefined ? [] : [before]
    }
    if (record.type === 'forgotten') {
      for (const range of record.ranges) this.#forgotten.add(range)
      return []
    }
    const useless: number[] = []
    for (const range of record.ranges) {
      this.#forgotten.delete(range)
      for (const [block, place] of this.#left) {
        if (block < range.start || block >= range.end) continue
        this.#left.delete(block)
        useless.push(place)
      }
    }
    return useless
  }

  #forgetting(ranges: readonly BlockRange[], left: readonly LeftOfFrame[]): AloneRecord[] {
    const records: AloneRecord[] = left.map(({ frame, payload }) => {
      return { dataKey: this.#dataKey, type: 'left', moved: encodeMoved(frame, payload) }
    })
    const all = new BlockSet(ranges)
    for (const { frame } of left) all.add({ start: frame.index, end: frame.index + 1 })
    return [...records, ...this.#rangeRecords('forgotten', all.ranges)]
  }

  #rangeRecords(type: 'forgotten' | 'wanted', ranges: readonly BlockRange[]): AloneRecord[] {
    const records: AloneRecord[] = []
    for (let at = 0; at < ranges.length; at += ALONE_RANGES_MAX) {
      records.push({
        type,
        dataKey: this.#dataKey,
        ranges: ranges.slice(at, at + ALONE_RANGES_MAX),
      })
    }
    return records
  }

  async #append(records: readonly AloneRecord[]): Promise<void> {
    if (records.length === 0) return
    const first = await this.#notes.append(records.map(encodeAlone))
    const useless = records.flatMap((record, i) => this.apply(record, first + i))
    for (const block of useless) await this.#notes.drop(block)
  }
}

/** What this machine has forgotten alone, of all streams of a store. */
export class AloneNotes {
  readonly #open: () => Promise<Log>
  readonly #byKey = new Map<string, ForgottenAlone>()
  #log: Promise<Log> | undefined

  /** `open` gives the log of one's own that they are kept in; it is called when there is something to keep. */
  constructor(open: () => Promise<Log>) {
    this.#open = open
  }

  /** Reads what an earlier process has kept. Throws `ALONE_RECORD_DAMAGED`. */
  async load(): Promise<void> {
    const log = await this.#opened()
    for (const { start, end } of log.here({ start: 0, end: log.length })) {
      for await (const { index, payload } of log.range({ start, end })) {
        const record = decodeAlone(payload)
        for (const useless of this.of(record.dataKey).apply(record, index)) await this.drop(useless)
      }
    }
  }

  /** What is forgotten of the data log with this key. */
  of(dataKey: Uint8Array): ForgottenAlone {
    const name = b4a.toString(dataKey, 'hex')
    const known = this.#byKey.get(name)
    if (known !== undefined) return known
    const alone = new ForgottenAlone(this, dataKey)
    this.#byKey.set(name, alone)
    return alone
  }

  /** One record's payload. */
  async read(block: number): Promise<Uint8Array> {
    return (await this.#opened()).get(block)
  }

  /** Appends records; gives the block of the first. */
  async append(payloads: readonly Uint8Array[]): Promise<number> {
    const log = await this.#opened()
    return log.append(payloads.map((payload) => ({ kind: ALONE_KIND, payload })))
  }

  /** Drops a record that says nothing any more. */
  async drop(block: number): Promise<void> {
    const log = await this.#opened()
    await log.evict({ start: block, end: block + 1 })
  }

  #opened(): Promise<Log> {
    this.#log ??= this.#open()
    return this.#log
  }
}
