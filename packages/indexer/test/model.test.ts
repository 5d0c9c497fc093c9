import { isDatagramError } from '@datagram/errors'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Index, type IndexOperation, openIndex, type RangeOptions } from '../src/index.ts'
import { MemoryLog } from './memory-log.ts'
import { checkKeys, checkRange, SMALL, World } from './model-world.ts'
import { ReplicaLog } from './replica-log.ts'

// Keys of several shapes: shared prefixes, empty, one the beginning of another, bytes at both ends.
const key = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.nat(400).map((n) => Buffer.from(`user:${String(n).padStart(4, '0')}`)),
  },
  { weight: 2, arbitrary: fc.nat(40).map((n) => Uint8Array.of(1, n)) },
  { weight: 1, arbitrary: fc.nat(12).map((n) => new Uint8Array(n).fill(0xff)) },
  { weight: 1, arbitrary: fc.nat(20).map((n) => new Uint8Array(300).fill(n)) },
)
const value = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(2000).map((n) => new Uint8Array(n).fill(n)) },
)
const operation: fc.Arbitrary<IndexOperation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('put' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('del' as const), key }) },
)
const range: fc.Arbitrary<RangeOptions> = fc.record(
  {
    gte: key,
    gt: key,
    lte: key,
    lt: key,
    reverse: fc.boolean(),
    limit: fc.nat(30),
  },
  { requiredKeys: [] },
)
const keys = fc.array(key, { maxLength: 20 })

type Step = (world: World, reader: Reader) => Promise<void>
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(fc.array(operation, { maxLength: 40, size: 'max' }), fc.integer({ min: 1, max: 3 }))
      .map(
        ([operations, by]): Step =>
          (world) =>
            world.apply(operations, by),
      ),
  },
  // Keys in order, as a table of contents has them: groups of them are taken over, not merged.
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 40 }).map(
      (count): Step =>
        (world) => {
          const from = world.operations
          const numbered = Array.from({ length: count }, (_, i): IndexOperation => {
            const number = Buffer.from(String(from + i).padStart(8, '0'))
            return {
              type: 'put',
              key: Uint8Array.of(0, ...number),
              value: new Uint8Array(30).fill(i),
            }
          })
          return world.apply(numbered, 1)
        },
    ),
  },
  {
    weight: 4,
    arbitrary: keys.map(
      (many): Step =>
        (world) =>
          world.checkGet(many),
    ),
  },
  {
    weight: 4,
    arbitrary: range.map(
      (options): Step =>
        (world) =>
          world.checkRange(options),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>((world) => world.flush()) },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.compact()) },
  { weight: 2, arbitrary: fc.constant<Step>(async (world) => world.takeSnapshot()) },
  { weight: 1, arbitrary: fc.constant<Step>(async (world) => world.closeSnapshot()) },
  {
    weight: 2,
    arbitrary: fc.tuple(range, keys).map(
      ([options, many]): Step =>
        (world) => {
          return world.checkSnapshots(options, many)
        },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.crash()) },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.reopen()) },
  {
    weight: 3,
    arbitrary: fc.nat(12).map(
      (ms): Step =>
        () =>
          new Promise((r) => setTimeout(r, ms)),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>((_, reader) => reader.update()) },
  {
    weight: 2,
    arbitrary: fc.nat(40).map(
      (behind): Step =>
        (world, reader) =>
          reader.follow(world, behind),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(range, keys).map(
      ([options, many]): Step =>
        (world, reader) => {
          return reader.check(world, options, many)
        },
    ),
  },
)

/** Somebody else's copy of the index, some way behind. */
class Reader {
  readonly #author: () => MemoryLog
  #index: Index | undefined
  #position = 0

  constructor(author: () => MemoryLog) {
    this.#author = author
  }

  async update(): Promise<void> {
    await (await this.#open()).update()
  }

  /** Applies the data log's frames, but for the last few. */
  async follow(world: World, behind: number): Promise<void> {
    const index = await this.#open()
    const to = Math.max(this.#position, world.position - behind)
    world.replay(
      { covers: Math.max(index.covers, this.#position), apply: index.apply.bind(index) } as Index,
      to,
    )
    this.#position = to
  }

  async check(world: World, options: RangeOptions, many: readonly Uint8Array[]): Promise<void> {
    const index = await this.#open()
    const model = () => world.modelAt(Math.max(this.#position, index.covers))
    // A read may find blocks dropped and go over to a newer head: the model is that of the newer then.
    for (;;) {
      const before = index.covers
      try {
        await checkRange(index, model(), options)
        await checkKeys(index, model(), many)
        return
      } catch (error) {
        if (index.covers === before && !isDatagramError(error, 'INDEX_SNAPSHOT_GONE')) throw error
      }
    }
  }

  async close(): Promise<void> {
    await this.#index?.close()
  }

  async #open(): Promise<Index> {
    if (this.#index === undefined) {
      const log = new ReplicaLog(this.#author())
      await log.update()
      this.#index = await openIndex(log, SMALL)
    }
    return this.#index
  }
}

/** A world over a log in memory; a crash is a copy of what the log holds at that moment. */
async function memoryWorld() {
  let log = new MemoryLog()
  await log.append([{ kind: 1, payload: new Uint8Array(10) }])
  const world = await World.open({
    log,
    async afterCrash() {
      // The log left behind takes nothing any more, as the process that wrote it is gone.
      const left = log
      log = left.copy()
      left.failure = new Error('killed')
      return log
    },
    afterClose: async () => log,
  })
  return { world, author: () => log }
}

it('equals a sorted map under every operation, reopening, crashes, snapshots and a lagging reader', async () => {
  let operations = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 150, maxLength: 220, size: 'max' }),
      async (steps) => {
        const { world, author } = await memoryWorld()
        const reader = new Reader(author)
        for (const one of steps) await one(world, reader)
        await world.end()
        await reader.close()
        operations += world.operations
      },
    ),
    { numRuns: 12, endOnFailure: true },
  )
  expect(operations).toBeGreaterThan(10_000)
}, 120_000)
