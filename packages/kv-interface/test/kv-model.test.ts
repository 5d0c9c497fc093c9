import { openOnStore } from '@datagram/conformance'
import { temporaryFolder } from '@datagram/fault-harness'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EntriesOptions, type Kv, kvInterface, type SetCondition } from '../src/index.ts'

type Command =
  | { type: 'set'; key: string; value: string; if?: SetCondition<string> | undefined }
  | { type: 'del'; keys: string[] }
  | { type: 'batch'; operations: { type: 'set' | 'del'; key: string; value: string }[] }
  | { type: 'get'; key: string }
  | { type: 'range'; options: EntriesOptions<string> }
  | { type: 'many'; commands: { key: string; value: string }[] }
  | { type: 'reopen' }

const key = fc.oneof(
  fc.constantFrom('', 'a', 'aa', 'ab', 'b', 'user:1', 'user:10', 'user:2', '\u{10ffff}'),
  fc.string({ maxLength: 3, unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
)
const value = fc.oneof(
  fc.string({ maxLength: 5, unit: 'grapheme' }),
  fc.constantFrom(1024, 1025, 70_000).map((length) => 'v'.repeat(length)),
)
const bound = fc.option(key, { nil: undefined })
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('set' as const),
    key,
    value,
    if: fc.option(
      fc.oneof(
        fc.constantFrom('absent' as const, 'present' as const),
        value.map((equals) => ({ equals })),
      ),
      { nil: undefined },
    ),
  }),
  fc.record({ type: fc.constant('del' as const), keys: fc.array(key, { maxLength: 3 }) }),
  fc.record({
    type: fc.constant('batch' as const),
    operations: fc.array(
      fc.record({ type: fc.constantFrom('set' as const, 'del' as const), key, value }),
      { maxLength: 8 },
    ),
  }),
  fc.record({ type: fc.constant('get' as const), key }),
  fc.record({
    type: fc.constant('range' as const),
    options: fc.record({
      gt: bound,
      gte: bound,
      lt: bound,
      lte: bound,
      prefix: bound,
      reverse: fc.boolean(),
      limit: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    }),
  }),
  fc.record({
    type: fc.constant('many' as const),
    commands: fc.array(fc.record({ key, value }), { maxLength: 64 }),
  }),
  fc.record({ type: fc.constant('reopen' as const) }),
)

const bytes = (text: string) => Buffer.from(text)
const before = (a: string, b: string) => Buffer.compare(bytes(a), bytes(b)) < 0

/** What the store must answer. */
class Model {
  readonly map = new Map<string, string>()

  entries(options: EntriesOptions<string>): [string, string][] {
    const { gt, gte, lt, lte, prefix, reverse, limit } = options as Record<string, never>
    const within = [...this.map].filter(
      ([name]) =>
        (gt === undefined || before(gt, name)) &&
        (gte === undefined || !before(name, gte)) &&
        (lt === undefined || before(name, lt)) &&
        (lte === undefined || !before(lte, name)) &&
        (prefix === undefined ||
          bytes(name).subarray(0, bytes(prefix).length).equals(bytes(prefix))),
    )
    within.sort(([a], [b]) => (before(a, b) ? -1 : 1) * (reverse ? -1 : 1))
    return within.slice(0, limit)
  }

  set({ key: name, value: text, if: condition }: Extract<Command, { type: 'set' }>): boolean {
    const current = this.map.get(name)
    const holds =
      condition === undefined ||
      (condition === 'absent' && current === undefined) ||
      (condition === 'present' && current !== undefined) ||
      (typeof condition === 'object' && current === condition.equals)
    if (holds) this.map.set(name, text)
    return holds
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function step(kv: Kv, model: Model, one: Command): Promise<void> {
  if (one.type === 'set') {
    expect(await kv.set(one.key, one.value, { if: one.if })).toBe(model.set(one))
  } else if (one.type === 'del') {
    const expected = [...new Set(one.keys)].filter((name) => model.map.delete(name)).length
    expect(await kv.del(...one.keys)).toBe(expected)
  } else if (one.type === 'batch') {
    await kv.batch(one.operations)
    for (const operation of one.operations) {
      if (operation.type === 'set') model.map.set(operation.key, operation.value)
      else model.map.delete(operation.key)
    }
  } else if (one.type === 'get') {
    expect(await kv.get(one.key)).toBe(model.map.get(one.key))
    expect(await kv.has(one.key)).toBe(model.map.has(one.key))
  } else if (one.type === 'range') {
    expect(await all(kv.entries(one.options))).toEqual(model.entries(one.options))
  } else if (one.type === 'many') {
    const results = await Promise.all(
      one.commands.map(({ key: name, value: text }) => kv.set(name, text, { if: 'absent' })),
    )
    const expected = one.commands.map(({ key: name, value: text }) =>
      model.set({ type: 'set', key: name, value: text, if: 'absent' }),
    )
    expect(results).toEqual(expected)
  }
}

describe('a key/value store', () => {
  it('answers as a sorted map does, reopened and on a replica', { timeout: 120_000 }, async () => {
    const open = openOnStore(kvInterface)
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
        await using folder = await temporaryFolder()
        const place = { folder: folder.path, name: 'kv', readOnly: false, definition: undefined }
        const model = new Model()
        let opened = await open(place)
        try {
          for (const one of commands) {
            if (one.type === 'reopen') {
              await opened.close()
              opened = await open(place)
            } else await step(opened.api, model, one)
          }
          expect(await all(opened.api.entries())).toEqual(model.entries({}))
          await opened.close()
          opened = await open({ ...place, readOnly: true })
          expect(await all(opened.api.entries())).toEqual(model.entries({}))
          const names = [...model.map.keys()]
          expect(await opened.api.getMany(names)).toEqual([...model.map.values()])
        } finally {
          await opened.close()
        }
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })
})
