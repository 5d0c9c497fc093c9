import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  connect,
  listed,
  type Logs,
  logsOf,
  replicaLogsOf,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { openStream } from '@datagram/stream'
import { type Kv, kvInterface } from '../src/index.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

async function temporary() {
  const logs = await logsOf(await temporaryStore())
  return { logs, stream: await streamOver(logs, kvInterface) }
}

async function replicaOf(author: Logs) {
  const logs = await replicaLogsOf(await temporaryStore(), author)
  connect(author, logs)
  const replica = await streamOver(logs, kvInterface)
  await expect
    .poll(async () => {
      await replica.update()
      return replica.status().position
    })
    .toBe(author.data.length)
  return replica.api
}

const shortOf = (value: string) =>
  value.length < 20 ? value : `${value.slice(0, 8)}×${value.length}`

/** What a version shows; 'gone' where it says that it is not to be had. */
async function shownAt(kv: Kv, version: string): Promise<[string, string][] | 'gone'> {
  try {
    using view = await kv.checkout(version)
    const entries = await listed(view.entries())
    return entries.map(([key, value]) => [key, shortOf(value)])
  } catch (error) {
    expect(error).toEqual(code('VERSION_UNAVAILABLE'))
    return 'gone'
  }
}

describe('a version of which something was forgotten', () => {
  // Inside the index, inside a frame, in chunks.
  it.each([10, 5000, 300_000])(
    'is not to be had any more, the others are (%s bytes)',
    async (bytes) => {
      const { logs, stream } = await temporary()
      const kv = stream.api
      const value = 'v'.repeat(bytes)
      await kv.set('stays', '1')
      const before = kv.version()
      await kv.set('goes', value)
      const having = kv.version()
      await kv.set('stays', '2')
      const still = kv.version()
      await kv.forget('goes')
      const after = kv.version()
      await kv.set('stays', '3')
      for (const one of [kv, await replicaOf(logs)]) {
        expect(await shownAt(one, having)).toBe('gone')
        expect(await shownAt(one, still)).toBe('gone')
        expect(await shownAt(one, before)).toEqual([['stays', '1']])
        expect(await shownAt(one, after)).toEqual([['stays', '2']])
        await expect(listed(one.diff(having, after))).rejects.toThrow(code('VERSION_UNAVAILABLE'))
        // Nothing is left that says that they differ.
        await expect(listed(one.diff(before, having))).rejects.toThrow(code('VERSION_UNAVAILABLE'))
        expect(await listed(one.diff(before, after))).toEqual([
          { key: 'stays', before: '1', after: '2' },
        ])
      }
    },
  )

  it('is the one before a write that forgot what it replaced, and not the one after', async () => {
    const { stream } = await temporary()
    const kv = stream.api
    await kv.set('a', 'old')
    const before = kv.version()
    await kv.set('a', 'new', { previous: 'forget' })
    const after = kv.version()
    await stream.main.forget()
    await kv.set('a', 'newest')
    expect(await shownAt(kv, before)).toBe('gone')
    expect(await shownAt(kv, after)).toEqual([['a', 'new']])
  })

  it('is told also where the frames that wrote it had been dropped long before', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, kvInterface, { retain: 'latest' })
    const kv = stream.api
    await kv.set('goes', 'secret')
    for (let i = 0; i < 200; i++) await kv.set('other', String(i))
    await stream.compact()
    const having = kv.version()
    stream.main.retain('all')
    await kv.forget('goes')
    expect(await shownAt(kv, having)).toBe('gone')
  })
})

describe('a snapshot of what was forgotten', () => {
  it('is not read any more, not even out of memory', async () => {
    const kv = (await temporary()).stream.api
    await kv.set('goes', 'secret')
    using snapshot = kv.snapshot()
    await kv.forget('goes')
    await expect(snapshot.get('goes')).rejects.toThrow(code('INDEX_SNAPSHOT_GONE'))
    expect(() => snapshot.entries()).toThrow(code('INDEX_SNAPSHOT_GONE'))
  })
})

const KEYS = ['', 'a', 'aa', 'b', 'c']
const SIZES = [3, 3, 3, 2000, 80_000]

interface Write {
  readonly key: string
  readonly value: string | undefined
  readonly step: number
  forgottenAt?: number
}

/** What was written when, and forgotten when; `step`: the version after it. */
class Model {
  readonly writes: Write[] = []
  readonly versions: string[] = []

  stateAt(step: number): Map<string, Write> {
    const state = new Map<string, Write>()
    for (const write of this.writes) {
      if (write.step > step) continue
      if ((write.forgottenAt ?? Number.POSITIVE_INFINITY) <= step) state.delete(write.key)
      else state.set(write.key, write)
    }
    return state
  }

  forget(keys: readonly string[], step: number): void {
    for (const write of this.writes) {
      if (keys.includes(write.key) && write.step < step) write.forgottenAt ??= step
    }
  }

  /** It must be gone: something that it shows; it may be: something that was written before it. */
  goneAt(step: number): { must: boolean; may: boolean } {
    const isLost = ({ forgottenAt = 0, step: written }: Write) =>
      written <= step && forgottenAt > step
    const shown = [...this.stateAt(step).values()].filter(({ value }) => value !== undefined)
    return { must: shown.some(isLost), may: this.writes.some(isLost) }
  }
}

async function play(random: Random): Promise<void> {
  const store = await storeIn(await temporaryFolder())
  const logs = await logsOf(store)
  const open = () => openStream({ name: 'kv', ...logs, definition: kvInterface })
  let stream = await open()
  const model = new Model()
  for (let step = 0; step < 30; step++) {
    const kv = stream.api
    const keys = random.shuffled(KEYS).slice(0, random.between(1, 3))
    const what = random.pick(['set', 'set', 'set', 'del', 'replace', 'forget', 'range', 'reopen'])
    if (what === 'forget') await kv.forget(...keys)
    if (what === 'range') await kv.forgetRange({ prefix: 'a' })
    if (what === 'forget' || what === 'range') {
      model.forget(what === 'range' ? ['a', 'aa'] : keys, step)
    }
    if (what === 'set' || what === 'replace' || what === 'del') {
      const values = keys.map(() =>
        what === 'del' ? undefined : String(step).padEnd(random.pick(SIZES), 'v'),
      )
      const operations = keys.map((key, i) => {
        const value = values[i]
        return value === undefined
          ? ({ type: 'del', key } as const)
          : ({ type: 'set', key, value } as const)
      })
      await kv.batch(operations, { previous: what === 'replace' ? 'forget' : 'keep' })
      if (what === 'replace') model.forget(keys, step)
      keys.forEach((key, i) => model.writes.push({ key, value: values[i], step }))
    }
    if (what === 'reopen' || random.chance(0.1)) {
      await stream.close()
      stream = await open()
    }
    model.versions.push(stream.api.version())
  }
  await stream.main.forget()
  for (const one of [stream.api, await replicaOf(logs)]) {
    for (const [step, version] of model.versions.entries()) {
      const { must, may } = model.goneAt(step)
      const shown = await shownAt(one, version)
      if (must) expect(shown, `step ${step}`).toBe('gone')
      if (shown === 'gone') expect(may, `step ${step}`).toBe(true)
      else {
        const state = [...model.stateAt(step)].flatMap(([key, { value }]) =>
          value === undefined ? [] : [[key, shortOf(value)]],
        )
        expect(shown, `step ${step}`).toEqual(state.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)))
      }
    }
  }
  await stream.close()
}

it('no version shows less than it had: it is right, or it is not to be had', async () => {
  for (let run = 0; run < 3; run++) await seededRun(play)
}, 120_000)
