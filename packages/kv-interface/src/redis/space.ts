import type { LiveReader } from '@datagram/stream'

import { type Bucket, keyOf, type SubEntry, type SubRange } from './bucket.ts'
import { Frame, type WrittenEntry } from './frame.ts'
import { beyond, nameOf } from './key-part.ts'
import { type Loading, LoadedReads } from './loaded-reads.ts'
import { Miss } from './miss.ts'

type RangeOptions = NonNullable<Parameters<LiveReader['range']>[0]>

/** Where the entries come from. */
export type SpaceReader = Pick<LiveReader, 'getNow' | 'range' | 'rangeNow'>

// Undone steps of large commands are let go.
const UNDO_KEPT_MAX = 1024

/**
 * The entries that commands read and write: the stream's, and over them what is not appended yet.
 * Everything answers at once or throws a {@link Miss}.
 *
 * A command's writes can be undone until it is complete: see {@link begin}, {@link rollBack}.
 */
export class Space {
  /** What is written goes into this frame. */
  frame = new Frame()
  readonly loaded = new LoadedReads()
  #reader: SpaceReader
  readonly #written = new Map<string, Map<string, WrittenEntry>>()
  // How a command is undone; those beyond #undos are of earlier commands. An array that is emptied each time
  // would be made anew each time.
  #undo: (() => void)[] = []
  #undos = 0

  constructor(reader: SpaceReader) {
    this.#reader = reader
  }

  /** A command begins: what came before is complete. */
  begin(): void {
    this.#undos = 0
    if (this.#undo.length > UNDO_KEPT_MAX) this.#undo = []
  }

  /** A place to roll back to. */
  mark(): number {
    return this.#undos
  }

  /** Takes back what was written since {@link begin}, or since a mark. */
  rollBack(mark = 0): void {
    while (this.#undos > mark) this.#undo[--this.#undos]?.()
  }

  /** Runs `undo` when the command is rolled back. */
  onRollBack(undo: () => void): void {
    this.#undo[this.#undos++] = undo
  }

  get(bucket: Bucket, sub: Uint8Array): Uint8Array | undefined {
    const written = this.#written.get(bucket.name)
    const subName = nameOf(sub)
    const entry = written?.get(subName)
    if (entry !== undefined) return entry.value
    const found = this.#reader.getNow(keyOf(bucket, sub))
    if (!(found instanceof Promise)) return found
    const { name } = bucket
    if (this.loaded.has(name, subName)) {
      found.catch(() => undefined)
      return this.loaded.value(name, subName)
    }
    const loading = this.loaded.begin(name, subName)
    throw new Miss(() =>
      this.#loading(loading, found, (value) => {
        this.loaded.addValue(loading, value)
      }),
    )
  }

  put(bucket: Bucket, sub: Uint8Array, value: Uint8Array | undefined): WrittenEntry {
    let written = this.#written.get(bucket.name)
    if (written === undefined) {
      written = new Map()
      this.#written.set(bucket.name, written)
    }
    const subName = nameOf(sub)
    const before = written.get(subName)
    if (before !== undefined && before.frame === this.frame) {
      const valueBefore = before.value
      this.onRollBack(() => {
        before.value = valueBefore
      })
      before.value = value
      return before
    }
    const entry = { bucket, sub, subName, frame: this.frame, value, place: undefined }
    this.#add(written, entry, before)
    return entry
  }

  del(bucket: Bucket, sub: Uint8Array): void {
    this.put(bucket, sub, undefined)
  }

  range(bucket: Bucket, { gte, lt, reverse = false, limit = Infinity }: SubRange = {}): SubEntry[] {
    const written = this.#writtenWithin(bucket, gte, lt)
    const baseLimit = limit + written.filter(({ value }) => value === undefined).length
    const base = this.#base(bucket, { gte, lt, reverse, limit: baseLimit })
    const entries = written.length === 0 ? base : merged(base, written, reverse)
    return entries.length > limit ? entries.slice(0, limit) : entries
  }

  /** Opens the next frame; the one that it gives is to be appended. */
  nextFrame(): Frame {
    const { frame } = this
    this.frame = new Frame()
    this.begin()
    return frame
  }

  /** The frame is in the index now. */
  committed(frame: Frame): void {
    for (const entry of frame.entries) {
      // Only now: until then the entry hides what was loaded, and a command that is undone needs it again.
      this.loaded.drop(entry.bucket.name, entry.subName)
      const written = this.#written.get(entry.bucket.name)
      if (written?.get(entry.subName) !== entry) continue
      written.delete(entry.subName)
      if (written.size === 0) this.#written.delete(entry.bucket.name)
    }
  }

  /** Reads from somewhere else from now on, and forgets what is known of before. */
  readFrom(reader: SpaceReader): void {
    this.#reader = reader
    this.discard()
  }

  /** Forgets everything that is not in the index. */
  discard(): void {
    this.#written.clear()
    this.begin()
    this.frame = new Frame()
    this.loaded.clear()
  }

  #add(
    written: Map<string, WrittenEntry>,
    entry: WrittenEntry,
    before: WrittenEntry | undefined,
  ): void {
    const { subName, frame } = entry
    written.set(subName, entry)
    frame.entries.push(entry)
    this.onRollBack(() => {
      frame.entries.pop()
      if (before === undefined) written.delete(subName)
      else written.set(subName, before)
      if (written.size === 0) this.#written.delete(entry.bucket.name)
    })
  }

  #writtenWithin(bucket: Bucket, gte?: Uint8Array, lt?: Uint8Array): WrittenEntry[] {
    const written = this.#written.get(bucket.name)
    if (written === undefined) return []
    // Characters are bytes, so strings compare as the keys do.
    const from = gte === undefined ? '' : nameOf(gte)
    const to = lt === undefined ? undefined : nameOf(lt)
    const within: WrittenEntry[] = []
    for (const entry of written.values()) {
      if (entry.subName >= from && (to === undefined || entry.subName < to)) within.push(entry)
    }
    return within
  }

  #base(bucket: Bucket, { gte, lt, reverse = false, limit }: SubRange): SubEntry[] {
    const from = gte === undefined ? bucket.prefix : keyOf(bucket, gte)
    const to = lt === undefined ? beyond(bucket.prefix) : keyOf(bucket, lt)
    const bounds = { gte: from, lt: to, reverse, limit }
    const skip = bucket.prefix.length
    const found = this.#reader.rangeNow(bounds)
    if (found !== undefined) return found.map(([key, value]) => [key.subarray(skip), value])
    const name = `${nameOf(from)}|${nameOf(to)}|${reverse}|${limit}`
    const known = this.loaded.range(bucket.name, name)
    if (known !== undefined) return known
    const loading = this.loaded.begin(bucket.name)
    const reading = this.#read(bounds, skip)
    throw new Miss(() =>
      this.#loading(loading, reading, (entries) => {
        this.loaded.addRange(loading, name, entries)
      }),
    )
  }

  async #loading<T>(loading: Loading, reading: Promise<T>, take: (read: T) => void): Promise<void> {
    try {
      take(await reading)
    } catch (error) {
      this.loaded.failed(loading)
      throw error
    }
  }

  async #read(bounds: RangeOptions, skip: number): Promise<SubEntry[]> {
    const entries: SubEntry[] = []
    for await (const [key, value] of this.#reader.range(bounds)) {
      entries.push([key.subarray(skip), value])
    }
    return entries
  }
}

function merged(base: readonly SubEntry[], written: WrittenEntry[], reverse: boolean): SubEntry[] {
  const sign = reverse ? -1 : 1
  const over = written.sort((a, b) => (a.subName < b.subName ? -sign : sign))
  const entries: SubEntry[] = []
  let next = 0
  for (const item of base) {
    const name = nameOf(item[0])
    let hidden = false
    for (; next < over.length; next++) {
      const entry = over[next] as WrittenEntry
      const same = entry.subName === name
      if (!same && entry.subName < name === reverse) break
      if (entry.value !== undefined) entries.push([entry.sub, entry.value])
      if (same) hidden = true
    }
    if (!hidden) entries.push(item)
  }
  for (const { sub, value } of over.slice(next)) if (value !== undefined) entries.push([sub, value])
  return entries
}
