import { seededRun, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type Kv, openKv } from '../src/index.ts'
import { RedisModel } from './redis-model.ts'

async function picture({ redis }: Kv): Promise<unknown[]> {
  const [string, hash, list, set, zset] = await Promise.all([
    redis.get('string'),
    redis.hGetAll('hash'),
    redis.lRange('list', 0, -1),
    redis.sMembers('set'),
    redis.zRange('zset', 0, -1, 'WITHSCORES'),
  ])
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  const pairs = Object.entries(hash).sort(([a], [b]) => byBytes(a, b))
  return [string, Object.fromEntries(pairs), list, set.sort(byBytes), zset]
}

/** Gives commands together, as a pipeline does, and holds each answer against the model's. */
async function steps(kv: Kv, model: RedisModel, count: number): Promise<void> {
  const given = Array.from({ length: count }, () => model.next())
  const answers = await Promise.all(
    given.map(({ line: [name, ...args] }) => kv.call(name, ...args)),
  )
  given.forEach(({ line, answer }, i) => {
    expect({ line, answer: answers[i] }).toEqual({ line, answer })
  })
}

describe("Redis' data against a plain model", () => {
  it('answers 11,000 commands alike, through reopening', { timeout: 240_000 }, () =>
    seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const model = new RedisModel(random)
      let left = 11_000
      while (left > 0) {
        await using kv = await openKv(folder.join('kv'))
        expect(await picture(kv)).toEqual(model.picture())
        for (const end = left - 1100; left > end; left -= 55) await steps(kv, model, 55)
        expect(await picture(kv)).toEqual(model.picture())
      }
    }),
  )
})
