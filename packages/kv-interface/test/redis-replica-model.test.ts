import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { type Kv, kvInterface } from '../src/index.ts'
import { RedisModel } from './redis-model.ts'

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The state that a replica shows, asked for as one: it moves on at any time. */
async function picture({ redis }: Kv): Promise<{ turn: number; shown: string }> {
  const [turn, string, hash, list, set, zset] = (await redis.transaction([
    ['GET', 'turn'],
    ['GET', 'string'],
    ['HGETALL', 'hash'],
    ['LRANGE', 'list', 0, -1],
    ['SMEMBERS', 'set'],
    ['ZRANGE', 'zset', 0, -1, 'WITHSCORES'],
  ])) as [string | undefined, unknown, Record<string, string>, unknown, string[], unknown]
  const pairs = Object.entries(hash).sort(([a], [b]) => byBytes(a, b))
  const shown = [string, Object.fromEntries(pairs), list, set.sort(byBytes), zset]
  return { turn: Number(turn ?? 0), shown: JSON.stringify(shown) }
}

async function openPair(): Promise<{ author: Kv; copy: Kv }> {
  const logs = await logsOf(await temporaryStore())
  const { api: author } = await streamOver(logs, kvInterface)
  const copyLogs = await replicaLogsOf(await temporaryStore(), logs)
  connect(logs, copyLogs)
  const { api: copy } = await streamOver(copyLogs, kvInterface)
  return { author, copy }
}

/** Writes until `left` commands are given; `turns` are the states that a replica may show. */
async function write(
  { redis }: Kv,
  { random, left, turns }: { random: Random; left: number; turns: string[] },
): Promise<void> {
  const model = new RedisModel(random)
  turns.push(JSON.stringify(model.picture()))
  for (let given = 0; given < left; ) {
    const steps = Array.from({ length: random.between(1, 20) }, () => model.next())
    given += steps.length
    turns.push(JSON.stringify(model.picture()))
    const answers = await redis.transaction([...steps.map(({ line }) => line), ['INCR', 'turn']])
    expect(answers.at(-1)).toBe(turns.length - 1)
  }
}

describe("a replica of Redis' data that lags behind its writer", () => {
  it('shows one of its states whole, whenever it is asked', { timeout: 240_000 }, () =>
    seededRun(async (random) => {
      const { author, copy } = await openPair()
      copy.redis.follow()
      const turns: string[] = []
      const writing = { isDone: false }
      const written = write(author, { random, left: 10_000, turns }).finally(() => {
        writing.isDone = true
      })
      let last = 0
      const look = async () => {
        const { turn, shown } = await picture(copy)
        expect(turn).toBeGreaterThanOrEqual(last)
        expect(shown).toBe(turns[turn])
        last = turn
        return turn
      }
      while (!writing.isDone) {
        await look()
        // What is in memory is answered at once: the writer needs its turns too.
        await new Promise((resolve) => setImmediate(resolve))
      }
      await written
      await expect.poll(look, { timeout: 60_000 }).toBe(turns.length - 1)
    }),
  )
})
