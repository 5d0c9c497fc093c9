import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KvWorld, type Operation, type Range } from './kv-world.ts'

const key = fc.oneof(
  { weight: 8, arbitrary: fc.nat(250).map((n) => `user:${String(n).padStart(4, '0')}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a', 'user:', '\u{10ffff}') },
  { weight: 1, arbitrary: fc.nat(9).map((n) => String(n).repeat(300)) },
)
const value = fc.oneof(
  { weight: 12, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(1024, 1025, 70_000).map((size) => 'v'.repeat(size)) },
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('set' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('del' as const), key }) },
)
const operations = fc.array(operation, { maxLength: 30, size: 'max' })
const batches = fc.array(fc.array(operation, { maxLength: 8, size: 'max' }), { maxLength: 8 })
const bound = fc.option(key, { nil: undefined })
const options: fc.Arbitrary<Range> = fc.record({
  gte: bound,
  lt: bound,
  reverse: fc.boolean(),
  limit: fc.option(fc.nat(20), { nil: undefined }),
})
const keys = fc.array(key, { maxLength: 6 })

type Step = (world: KvWorld) => Promise<void>
const weighed = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary })
const step: fc.Arbitrary<Step> = fc.oneof(
  weighed(
    14,
    operations.map((all) => (world) => world.batch(all)),
  ),
  weighed(
    5,
    batches.map((all) => (world) => world.together(all)),
  ),
  weighed(
    3,
    fc.tuple(key, value).map(
      ([name, text]) =>
        (world) =>
          world.conditional(name, text),
    ),
  ),
  weighed(
    4,
    fc.tuple(options, keys).map(
      ([range, names]) =>
        (world) =>
          world.check(range, names),
    ),
  ),
  weighed(
    2,
    fc.constant(async (world) => world.takeSnapshot()),
  ),
  weighed(
    2,
    fc.tuple(options, keys).map(
      ([range, names]) =>
        (world) =>
          world.checkSnapshots(range, names),
    ),
  ),
  weighed(
    1,
    fc.tuple(fc.nat(), options).map(
      ([pick, range]) =>
        (world) =>
          world.checkout(pick, range),
    ),
  ),
  weighed(
    4,
    fc.tuple(fc.boolean(), options, keys).map(
      ([moves, range, names]) =>
        (world) =>
          world.checkReplica(moves, range, names),
    ),
  ),
  weighed(
    3,
    fc.constant((world) => world.flush()),
  ),
  weighed(
    2,
    fc.constant((world) => world.compact()),
  ),
  weighed(
    1,
    fc.constant((world) => world.reopen()),
  ),
  weighed(
    2,
    fc.tuple(batches, fc.nat(6)).map(
      ([all, append]) =>
        (world) =>
          world.crash(all, append),
    ),
  ),
)

it('a key/value store equals a map, reopened, killed at any append, in snapshots and on a replica', async () => {
  let done = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 80, maxLength: 110, size: 'max' }),
      async (steps) => {
        const world = await KvWorld.open()
        for (const one of steps) await one(world)
        await world.end()
        done += world.operations
      },
    ),
    { numRuns: 25, endOnFailure: true },
  )
  expect(done).toBeGreaterThan(10_000)
}, 120_000)
