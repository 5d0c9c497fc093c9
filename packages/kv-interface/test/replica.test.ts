import { Random } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
  watchedLog,
} from '../../stream/test/open-streams.ts'
import { type Kv, kvInterface } from '../src/index.ts'

async function picture(kv: Kv): Promise<string> {
  const entries: [string, string][] = []
  for await (const entry of kv.entries()) entries.push(entry)
  return JSON.stringify(entries)
}

describe('a key/value store', () => {
  it('costs at most 4 appends for 64 writes in flight, whatever they are', async () => {
    const { data, index } = await logsOf(await temporaryStore())
    const watched = watchedLog(data)
    const { api: kv } = await streamOver({ data: watched.log, index }, kvInterface)
    const kinds: ((i: number) => Promise<unknown>)[] = [
      (i) => kv.set(`k${i}`, `${i}`),
      (i) => kv.set(`k${i}`, `${i}`, { if: 'absent' }),
      (i) => kv.batch([{ type: 'set', key: `k${i}`, value: `${i}` }]),
      (i) => kv.del(`k${i}`),
    ]
    for (const write of kinds) {
      watched.appends = 0
      await Promise.all(Array.from({ length: 64 }, (_, i) => write(i)))
      expect(watched.appends).toBeLessThanOrEqual(4)
    }
    expect(await picture(kv)).toBe('[]')
  })
})

describe('a replica that lags behind', () => {
  it('always shows what its author had at some time, ever newer', { timeout: 60_000 }, async () => {
    const random = new Random(Date.now())
    const author = await logsOf(await temporaryStore())
    const { api: kv, index } = await streamOver(author, kvInterface)
    const model = new Map<string, string>()
    const pictures = ['[]']
    const replicaLogs = await replicaLogsOf(await temporaryStore(), author)
    let cut = connect(author, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    let seen = 0
    for (let round = 0; round < 150; round++) {
      const operations = Array.from({ length: random.between(1, 6) }, () => ({
        type: random.chance(0.7) ? ('set' as const) : ('del' as const),
        key: `k${random.between(0, 12)}`,
        value: `${round}`.padEnd(random.pick([1, 20, 2000])),
      }))
      await kv.batch(operations)
      for (const { type, key, value } of operations) {
        if (type === 'set') model.set(key, value)
        else model.delete(key)
      }
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
      pictures.push(JSON.stringify(sorted))
      if (random.chance(0.1)) await index.flush()
      if (random.chance(0.1)) {
        await cut()
        cut = connect(author, replicaLogs)
      }
      if (random.chance(0.5)) continue
      await replica.update()
      const shown = await picture(replica.api)
      const at = pictures.lastIndexOf(shown)
      expect(at, `seed ${random.seed}: it shows what never was: ${shown}`).toBeGreaterThanOrEqual(0)
      expect(at, `seed ${random.seed}: it went back`).toBeGreaterThanOrEqual(seen)
      seen = pictures.indexOf(shown, seen)
    }
    while ((await picture(replica.api)) !== pictures.at(-1)) await replica.update()
    await cut()
  })
})

describe('a watch on a replica', () => {
  it('gives each change once and in order, however it lags', { timeout: 60_000 }, async () => {
    const random = new Random(Date.now())
    const author = await logsOf(await temporaryStore())
    const { api: kv, index } = await streamOver(author, kvInterface)
    await kv.set('before', '0')
    const replicaLogs = await replicaLogsOf(await temporaryStore(), author)
    let cut = connect(author, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    await replica.update()
    const begin = replica.api.version()
    const written: unknown[] = []
    const rounds = 120
    const last = `last ${random.seed}`
    // One is quick; one takes its time; one is stopped again and again, and goes on after what it saw.
    const watches = [watched({}), watched({ slowly: true }), watched({ stopped: true })]
    for (let round = 0; round < rounds; round++) {
      const batches = Array.from({ length: random.between(1, 4) }, () => {
        return Array.from({ length: random.between(1, 4) }, () => {
          const key = `k${random.between(0, 12)}`
          const value = `${round}`.padEnd(random.pick([1, 20, 2000, 70_000]))
          return random.chance(0.7)
            ? ({ type: 'set', key, value } as const)
            : ({ type: 'del', key } as const)
        })
      })
      await Promise.all(batches.map((batch) => kv.batch(batch)))
      written.push(...batches.flat())
      if (random.chance(0.1)) await index.flush()
      if (random.chance(0.1)) {
        await cut()
        if (random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, 20))
        cut = connect(author, replicaLogs)
      }
      if (random.chance(0.2)) await replica.update()
      if (random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await kv.set(last, 'end')
    written.push({ type: 'set', key: last, value: 'end' })
    for (const seen of await Promise.all(watches)) {
      expect(seen.length, `seed ${random.seed}`).toBe(written.length)
      expect(seen, `seed ${random.seed}`).toEqual(written)
    }
    await cut()

    async function watched({ slowly = false, stopped = false }): Promise<unknown[]> {
      const seen: unknown[] = []
      let from = begin
      for (;;) {
        let inBatch: { version: string; changes: unknown[] } = { version: from, changes: [] }
        for await (const { version, ...change } of replica.api.watch({ from })) {
          // What has one version belongs together: it is whole once the next version begins.
          if (version !== inBatch.version) {
            seen.push(...inBatch.changes)
            from = inBatch.version
            inBatch = { version, changes: [] }
            if (stopped && random.chance(0.2)) break
          }
          inBatch.changes.push(change)
          if (slowly) await new Promise((resolve) => setTimeout(resolve, 1))
          if (change.key === last) return [...seen, ...inBatch.changes]
        }
      }
    }
  })
})
