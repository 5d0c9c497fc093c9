import type { Log } from '@datagram/log-core'
import { expect } from 'vitest'
import {
  checkIndex,
  type Index,
  type IndexEntry,
  type IndexOperation,
  type IndexOptions,
  type IndexSnapshot,
  openIndex,
  type OrderedReader,
  type RangeOptions,
} from '../src/index.ts'
import { hex } from './bytes.ts'
import { readable, SortedMap } from './sorted-map.ts'

/** A log that a world's index lives in, and how a crash leaves it. */
export interface WorldLog {
  readonly log: Log
  /** The log as another process would find it now. */
  afterCrash(): Promise<Log>
  afterClose(): Promise<Log>
}

interface Frame {
  readonly operations: readonly IndexOperation[]
  readonly position: number
}

/** Small sizes, so that few operations make many blocks, groups and runs. */
export const SMALL: IndexOptions = {
  flushBytes: 3000,
  leafBytes: 400,
  groupBytes: 1200,
  runsMax: 3,
  graceMs: 0,
  idleMs: 5,
  cacheBytes: 20_000,
}

/**
 * An index beside a sorted map, with the journal that a data log would be. Every method does the same
 * to both and compares them.
 */
export class World {
  readonly #world: WorldLog
  readonly #journal: Frame[] = []
  readonly #model = new SortedMap()
  readonly #snapshots: { readonly snapshot: IndexSnapshot; readonly model: SortedMap }[] = []
  #index: Index
  #position = 1
  /** Operations so far. */
  operations = 0

  private constructor(world: WorldLog, index: Index) {
    this.#world = world
    this.#index = index
  }

  static async open(world: WorldLog): Promise<World> {
    return new World(world, await openIndex(world.log, SMALL))
  }

  get index(): Index {
    return this.#index
  }

  async apply(operations: readonly IndexOperation[], step: number): Promise<void> {
    await this.#index.ready()
    this.#position += step
    const frame = { operations, position: this.#position }
    this.#journal.push(frame)
    this.#model.apply(operations)
    this.operations += operations.length
    applyFrame(this.#index, frame)
  }

  /** The map as it was at a position of the data log. */
  modelAt(position: number): SortedMap {
    const model = new SortedMap()
    for (const frame of this.#journal) if (frame.position <= position) model.apply(frame.operations)
    return model
  }

  /** Replays the journal into another index, from what it covers up to a position. */
  replay(index: Index, to = this.#position): void {
    for (const frame of this.#journal) {
      if (frame.position > index.covers && frame.position <= to) applyFrame(index, frame)
    }
  }

  get position(): number {
    return this.#position
  }

  async flush(): Promise<void> {
    await this.#index.flush()
    checkCovers(this.#index, this.#journal.at(-1)?.position ?? 0)
  }

  async compact(): Promise<void> {
    await this.#index.compact()
  }

  async checkGet(keys: readonly Uint8Array[]): Promise<void> {
    await checkKeys(this.#index, this.#model, keys)
  }

  async checkRange(options: RangeOptions): Promise<void> {
    await checkRange(this.#index, this.#model, options)
  }

  takeSnapshot(): void {
    if (this.#snapshots.length >= 4) this.closeSnapshot()
    this.#snapshots.push({ snapshot: this.#index.snapshot(), model: this.#model.copy() })
  }

  closeSnapshot(): void {
    this.#snapshots.shift()?.snapshot.close()
  }

  async checkSnapshots(options: RangeOptions, keys: readonly Uint8Array[]): Promise<void> {
    for (const { snapshot, model } of this.#snapshots) {
      await checkRange(snapshot, model, options)
      await checkKeys(snapshot, model, keys)
    }
  }

  /** Opens the log as a killed process left it, and replays the journal. */
  async crash(): Promise<void> {
    const log = await this.#world.afterCrash()
    this.#snapshots.length = 0
    // Its log takes nothing any more, which it may or may not come to notice.
    await this.#index.close().catch(() => undefined)
    this.#index = await openIndex(log, SMALL)
    this.replay(this.#index)
  }

  async reopen(): Promise<void> {
    this.#snapshots.length = 0
    await this.#index.close()
    this.#index = await openIndex(await this.#world.afterClose(), SMALL)
    this.replay(this.#index)
  }

  async end(): Promise<void> {
    await this.checkRange({})
    await checkSound(this.#index)
    await this.#index.close()
  }
}

export async function checkRange(
  reader: OrderedReader,
  model: SortedMap,
  options: RangeOptions,
): Promise<void> {
  const entries: IndexEntry[] = []
  for await (const entry of reader.range(options)) entries.push(entry)
  expect(readable(entries)).toEqual(readable(model.range(options)))
}

export async function checkKeys(
  reader: OrderedReader,
  model: SortedMap,
  keys: readonly Uint8Array[],
): Promise<void> {
  // As texts, which are compared much sooner than bytes are.
  const told = (values: readonly (Uint8Array | undefined)[]) =>
    values.map((value) => value && hex(value))
  const expected = told(keys.map((key) => model.get(key)))
  expect(told(await reader.getMany(keys))).toEqual(expected)
  expect(told(await Promise.all(keys.map((key) => reader.get(key))))).toEqual(expected)
}

function checkCovers(index: Index, position: number): void {
  expect(index.covers).toBe(position)
}

async function checkSound(index: Index): Promise<void> {
  expect(await checkIndex(index)).toEqual([])
}

function applyFrame(index: Index, { operations, position }: Frame): void {
  index.apply(operations, {
    position,
    stamp: { ms: 1_700_000_000_000 + position, counter: position % 3 },
  })
}
