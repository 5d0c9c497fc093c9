import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
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
import { type AnyKvOptions, type Kv, kvInterface } from '../src/index.ts'

async function author(options: AnyKvOptions, folder?: string) {
  const store = await storeIn(path.join(folder ?? (await temporaryFolder()), 'store'))
  const logs = await logsOf(store)
  return { store, logs, stream: await streamOver(logs, kvInterface, options) }
}

async function blocksHere({
  data,
}: {
  data: { length: number; has(i: number): Promise<boolean> }
}) {
  let blocks = 0
  for (let i = 0; i < data.length; i++) if (await data.has(i)) blocks++
  return blocks
}

/** A log that notes which blocks are asked of it. */
function noting(log: Logs['data'], asked: Set<number>): Logs['data'] {
  return new Proxy(log, {
    get(target, key) {
      if (key === 'getBlock' || key === 'getBlocks') {
        return (indexes: number | readonly number[], wait?: object) => {
          for (const index of [indexes].flat()) asked.add(index)
          return Reflect.apply(target[key], target, [indexes, wait])
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function overwrite(kv: Kv, keys: number, times: number, valueOf: (i: number) => string) {
  for (let time = 0; time < times; time++) {
    for (let from = 0; from < keys; from += 50) {
      const batch = Array.from({ length: Math.min(50, keys - from) }, (_, i) => ({
        type: 'set' as const,
        key: `key ${from + i}`,
        value: `${time} ${valueOf(from + i)}`,
      }))
      await kv.batch(batch)
    }
  }
}

describe('a map that retains the latest', () => {
  it('drops every frame but the last few, and a new replica gets the rest alone', async () => {
    const folder = await temporaryFolder()
    const { logs, store, stream } = await author({ retain: 'latest' }, folder)
    await overwrite(stream.api, 500, 20, () => 'small')
    await stream.compact()
    expect(await blocksHere(logs)).toBeLessThanOrEqual(3)
    await assertSound(stream)
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    const cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    const progress: { blocksDone: number; blocksWanted: number }[] = []
    await replica.download({ onProgress: (one) => progress.push(one) })
    expect(progress.at(-1)?.blocksDone).toBe(progress.at(-1)?.blocksWanted)
    expect(progress.at(-1)?.blocksWanted).toBeLessThan(40)
    await cut()
    expect((await listed(replica.api.entries())).length).toBe(500)
    expect(await replica.api.get('key 7')).toBe('19 small')
    await stream.close()
    await store.close()
    // What is dropped stays so: the next process reads the same.
    const again = await author({ retain: 'latest' }, folder)
    expect(await again.stream.api.get('key 499')).toBe('19 small')
    await assertSound(again.stream)
  })

  it('asks for nothing that is dropped, though a reader reads the list only when it needs it', async () => {
    const { logs, stream } = await author({ retain: 'latest' })
    await overwrite(stream.api, 200, 10, (i) => 'v'.repeat(i % 40 === 0 ? 5000 : 20))
    await stream.compact()
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    const asked = new Set<number>()
    const data = noting(replicaLogs.data, asked)
    connect(logs, replicaLogs)
    const replica = await streamOver({ data, index: replicaLogs.index }, kvInterface)
    while (replica.status().position < logs.data.length) await replica.update()
    const kv = replica.api
    expect(await kv.get('key 7')).toMatch('9 vv')
    const { covers } = replica.index
    expect([...asked].filter((block) => block < covers)).toEqual([])
    expect(await kv.get('key 40')).toMatch('9 vv')
    expect((await listed(kv.history('key 7'))).length).toBeLessThanOrEqual(1)
    await expect(kv.checkout(kv.version())).resolves.toBeDefined()
    const here = new Set<number>()
    for (let i = 0; i < logs.data.length; i++) if (await logs.data.has(i)) here.add(i)
    expect(asked.size).toBeGreaterThan(1)
    expect([...asked].filter((block) => !here.has(block))).toEqual([])
    expect(replicaLogs.data.forgotten.length).toBeGreaterThan(0)
  })

  it('keeps what points into a frame, and drops the chunks of values that were overwritten', async () => {
    const { logs, stream } = await author({ retain: 'latest' })
    const kv = stream.api
    await kv.set('large', 'a'.repeat(300_000))
    await kv.set('middle', 'b'.repeat(5000))
    await kv.set('other', 'c'.repeat(5000))
    await kv.set('large', 'd'.repeat(300_000))
    await kv.set('middle', 'e'.repeat(5000))
    await stream.compact()
    expect(await kv.get('large')).toBe('d'.repeat(300_000))
    expect(await kv.get('middle')).toBe('e'.repeat(5000))
    expect(await kv.get('other')).toBe('c'.repeat(5000))
    expect(await logs.data.has(1)).toBe(false)
    await assertSound(stream)
    await expect(kv.checkout(kv.version())).resolves.toBeDefined()
    await expect(listed(kv.history('middle'))).resolves.toHaveLength(1)
  })

  it('drops nothing that a snapshot shows, until it is closed', async () => {
    const { stream } = await author({ retain: 'latest' })
    const kv = stream.api
    await kv.set('key', 'a'.repeat(5000))
    const snapshot = kv.snapshot()
    await kv.set('key', 'b'.repeat(5000))
    await stream.compact()
    expect(await snapshot.get('key')).toBe('a'.repeat(5000))
    snapshot.close()
    await stream.compact()
    expect(await stream.data.has(1)).toBe(false)
  })

  it('tells of every change, though frames are dropped meanwhile', async () => {
    const { stream } = await author({ retain: 'latest' })
    const watch = stream.api.watch()
    const first = watch.next()
    await overwrite(stream.api, 40, 3, () => '')
    await stream.compact()
    const seen = [await first]
    for (let i = 1; i < 120; i++) seen.push(await watch.next())
    expect(seen.map(({ value }) => value?.type)).toEqual(Array.from({ length: 120 }, () => 'set'))
    await watch.return?.()
  })
})

describe('a map that retains versions or days', () => {
  it('keeps the newest versions of each key', async () => {
    const { stream, logs } = await author({ retain: { versions: 3 } })
    await overwrite(stream.api, 50, 10, () => '')
    await stream.compact()
    const values = (await listed(stream.api.history('key 3'))).map(
      (one) => one.type === 'set' && one.value,
    )
    expect(values).toEqual(['7 ', '8 ', '9 '])
    expect(await logs.data.has(1)).toBe(false)
    await assertSound(stream)
  })

  it('keeps what was written in these days', async () => {
    const { stream } = await author({ retain: { days: 1 } })
    await overwrite(stream.api, 50, 3, () => '')
    await stream.compact()
    expect(await listed(stream.api.history('key 3'))).toHaveLength(3)
    expect(await stream.data.has(1)).toBe(true)
    // The same, a day later.
    stream.main.retain({ days: 0 })
    await expect
      .poll(
        async () => {
          await stream.compact()
          return listed(stream.api.history('key 3'))
        },
        { timeout: 30_000 },
      )
      .toEqual([])
    expect(await stream.data.has(1)).toBe(false)
    expect(await stream.api.get('key 3')).toBe('2 ')
    await assertSound(stream)
  })

  it('refuses other policies', async () => {
    const wrong = ['newest', { versions: 0 }, { days: -1 }, { versions: 1, days: 1 }, {}, null, 3]
    for (const retain of wrong) {
      await expect(author({ retain: retain as never })).rejects.toThrow(TypeError)
    }
  })
})

describe('any workload', () => {
  it('reads the same with and without retention, here, after reopening and on a replica', async () => {
    const random = new Random(Date.now())
    const { logs, stream } = await author({ retain: 'latest' })
    const model = new Map<string, string>()
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    connect(logs, replicaLogs)
    for (let round = 0; round < 60; round++) {
      for (let i = random.between(1, 5); i > 0; i--) {
        const key = `k${random.between(0, 10)}`
        if (random.chance(0.2)) {
          await stream.api.del(key)
          model.delete(key)
        } else {
          const value = `${round}`.padEnd(random.pick([5, 2000, 100_000]))
          await stream.api.set(key, value)
          model.set(key, value)
        }
      }
      if (random.chance(0.3)) await stream.compact()
      if (random.chance(0.1)) await assertSound(stream)
    }
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
    expect(await listed(stream.api.entries()), `seed ${random.seed}`).toEqual(expected)
    const replica = await streamOver(replicaLogs, kvInterface)
    await replica.download()
    expect(await listed(replica.api.entries()), `seed ${random.seed}`).toEqual(expected)
  })
})
