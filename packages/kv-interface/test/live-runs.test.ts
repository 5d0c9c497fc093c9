import { describe, expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { kvInterface } from '../src/index.ts'

describe('a replica that has the live runs of the index and nothing else', () => {
  it('answers get and entries right, with the author away', async () => {
    const author = await logsOf(await temporaryStore())
    const { api: kv, index } = await streamOver(author, kvInterface)
    const model = new Map<string, string>()
    for (let round = 0; round < 4; round++) {
      const operations = Array.from({ length: 500 }, (_, n) => {
        const key = `key ${(n * 7 + round * 131) % 900}`
        const type = n % 5 === round ? ('del' as const) : ('set' as const)
        return { type, key, value: `${round} ${n}`.padEnd([1, 90, 1000][n % 3] as number) }
      })
      await kv.batch(operations)
      for (const { type, key, value } of operations) {
        if (type === 'set') model.set(key, value)
        else model.delete(key)
      }
      await index.flush()
    }
    const logs = await replicaLogsOf(await temporaryStore(), author)
    const cut = connect(author, logs)
    while (logs.index.length < author.index.length) await logs.index.update()
    const ranges = [{ start: 0, end: 1 }, ...index.liveRanges()]
    await logs.index.download({ ranges })
    await cut()
    expect(logs.data.here({ start: 0, end: logs.data.length })).toEqual([])

    const replica = await streamOver(logs, kvInterface)
    for (let n = 0; n < 900; n++)
      expect(await replica.api.get(`key ${n}`)).toBe(model.get(`key ${n}`))
    const entries: [string, string][] = []
    for await (const entry of replica.api.entries()) entries.push(entry)
    expect(entries).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)))
  })
})
