import path from 'node:path'
import { temporaryFolder } from '@datagram/fault-harness'
import { openStream, type Stream } from '@datagram/stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connect, logsOf, openStore, replicaLogsOf } from '../../stream/test/open-streams.ts'
import { type Kv, type KvChange, kvInterface, type KvOperation } from '../src/index.ts'

type Operation = KvOperation<string, string>
type Command =
  | { type: 'batch'; operations: Operation[] }
  | { type: 'many'; batches: Operation[][] }
  | { type: 'flush' }
  | { type: 'reopen' }

const key = fc.constantFrom('', 'a', 'aa', 'b', 'ba', 'user:1', 'user:2')
const value = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(1025, 70_000, 300_000).map((size) => 'v'.repeat(size)) },
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('set' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('del' as const), key }) },
)
const operations = fc.array(operation, { minLength: 1, maxLength: 4 })
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('batch' as const), operations }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('many' as const),
      batches: fc.array(operations, { maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'flush' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
)

type State = ReadonlyMap<string, string>

/** Every state that the map was in, the empty one first, and the batches between them. */
class Model {
  readonly states: State[] = [new Map()]
  readonly batches: Operation[][] = []

  write(batch: Operation[]): void {
    const next = new Map(this.states.at(-1))
    for (const one of batch) {
      if (one.type === 'set') next.set(one.key as string, one.value as string)
      else next.delete(one.key as string)
    }
    this.states.push(next)
    this.batches.push(batch)
  }

  history(name: string): { type: string; value?: unknown }[] {
    const lasts = this.batches.map((batch) => batch.filter((one) => one.key === name).at(-1))
    return lasts.filter((last) => last !== undefined).map(withoutKey)
  }
}

const withoutKey = (one: Operation): { type: string; value?: unknown } =>
  one.type === 'set' ? { type: one.type, value: one.value } : { type: one.type }
const sorted = (state: State): [string, string][] =>
  [...state].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function run(kv: Kv, model: Model, one: Command): Promise<void> {
  if (one.type === 'batch') {
    await kv.batch(one.operations)
    model.write(one.operations)
  } else if (one.type === 'many') {
    await Promise.all(one.batches.map((batch) => kv.batch(batch)))
    for (const batch of one.batches) model.write(batch)
  }
}

/** The versions of the model's states, by way of `watch`, which is checked: each change once, in order. */
async function versionsOf(kv: Kv, model: Model, begin: string): Promise<string[]> {
  const count = model.batches.reduce((sum, batch) => sum + batch.length, 0)
  const seen: KvChange<string, string>[] = []
  const watch = kv.watch({ from: begin })
  while (seen.length < count) seen.push((await watch.next()).value as KvChange<string, string>)
  await watch.return?.()
  const versions = [begin]
  let next = 0
  for (const batch of model.batches) {
    const changes = seen.slice(next, next + batch.length)
    next += batch.length
    expect(changes).toEqual(batch.map((one) => expect.objectContaining(one)))
    expect(new Set(changes.map(({ version }) => version)).size).toBe(1)
    versions.push(changes[0]?.version as string)
  }
  expect(new Set(versions).size).toBe(versions.length)
  return versions
}

async function checkPast(
  kv: Kv,
  model: Model,
  { versions, picks }: { versions: string[]; picks: number[] },
): Promise<void> {
  expect(kv.version()).toBe(versions.at(-1))
  const numbers = picks.map((pick) => pick % versions.length)
  for (const n of numbers) {
    const state = model.states[n] as State
    using view = await kv.checkout(versions[n] as string)
    expect(view.version).toBe(versions[n])
    expect(await all(view.entries())).toEqual(sorted(state))
    expect(await all(view.keys({ reverse: true, limit: 2 }))).toEqual(
      sorted(state)
        .map(([name]) => name)
        .reverse()
        .slice(0, 2),
    )
    const names = ['', 'a', 'aa', 'b', 'ba', 'user:1', 'user:2', 'none']
    expect(await view.getMany(names)).toEqual(names.map((name) => state.get(name)))
    expect(await view.has('a')).toBe(state.has('a'))
    const from = numbers[0] as number
    const different = names
      .map((name) => ({
        key: name,
        before: model.states[from]?.get(name),
        after: state.get(name),
      }))
      .filter(({ before, after }) => before !== after)
    expect(await all(kv.diff(versions[from] as string, versions[n]))).toEqual(different)
  }
  for (const name of ['', 'a', 'user:1', 'none']) {
    const past = await all(kv.history(name))
    const expected = model.history(name)
    expect(past).toEqual(expected.map((one) => expect.objectContaining(one)))
    expect(await all(kv.history(name, { reverse: true }))).toEqual([...past].reverse())
    expect(await all(kv.history(name, { limit: 2 }))).toEqual(past.slice(0, 2))
    for (const { version } of past) expect(versions).toContain(version)
  }
}

describe('the past of a key/value store', () => {
  it('is as the array of its states, reopened and on a replica', { timeout: 120_000 }, async () => {
    const commands = fc.array(command, { minLength: 1, maxLength: 25 })
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(commands, commands, picks, async (first, second, numbers) => {
        await using folder = await temporaryFolder()
        await using store = await openStore(path.join(folder.path, 'author'))
        await using otherStore = await openStore(path.join(folder.path, 'replica'))
        const logs = await logsOf(store)
        const open = () => openStream({ name: 'kv', ...logs, definition: kvInterface })
        let author: Stream<Kv> = await open()
        const model = new Model()
        const begin = author.api.version()
        const play = async (list: Command[]) => {
          for (const one of list) {
            if (one.type === 'flush') await author.index.flush()
            else if (one.type === 'reopen') {
              await author.close()
              author = await open()
            } else await run(author.api, model, one)
          }
        }
        try {
          await play(first)
          const replicaLogs = await replicaLogsOf(otherStore, logs)
          const cut = connect(logs, replicaLogs)
          const replica = await openStream({ name: 'kv', ...replicaLogs, definition: kvInterface })
          try {
            await replica.update()
            const early = replica.api.version()
            using snapshot = replica.api.snapshot()
            const shown = await all(snapshot.entries())
            await versionsOf(replica.api, model, begin)
            await play(second)
            const versions = await versionsOf(author.api, model, begin)
            await checkPast(author.api, model, { versions, picks: numbers })
            expect(await all(snapshot.entries())).toEqual(shown)
            expect(shown).toEqual(sorted(model.states[versions.indexOf(early)] as State))
            expect(await versionsOf(replica.api, model, begin)).toEqual(versions)
            await replica.update()
            await checkPast(replica.api, model, { versions, picks: numbers })
          } finally {
            await replica.close()
            await cut()
          }
        } finally {
          await author.close()
        }
      }),
      { numRuns: 30 },
    )
  })
})
