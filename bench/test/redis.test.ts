import { afterEach, expect, it, vi } from 'vitest'
import { measureRedis, parseRates, redisRows, redisTable } from '../src/redis/redis-benchmark.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('says how Redis is installed where it is not', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const command = { name: 'redis', rounds: 1, json: false, quick: true } as const
  const measured = measureRedis({ ...command, profileFolder: undefined }, () => undefined)
  await expect(measured).rejects.toThrow('apt-get install redis')
})

it('reads the rates that redis-benchmark prints', () => {
  const csv =
    '"test","rps","avg_latency_ms","min_latency_ms"\n"SET","52631.58","0.523","0.208"\n"GET","100000.00","0.2","0.1"\n'
  expect([...parseRates(csv)]).toEqual([
    ['SET', 52631.58],
    ['GET', 100000],
  ])
})

it('compares the medians of the rounds with the goals', () => {
  const rates = (rate: number) => ({
    'SET 1': rate,
    'GET 1': rate,
    'SET 16': rate,
    'GET 16': rate,
  })
  const rows = redisRows({
    ours: [rates(10), rates(30), rates(500)],
    'redis-server': [rates(90), rates(100), rates(110)],
  })
  expect(rows.map(({ ratio, goal }) => [ratio, ratio >= goal])).toEqual([
    [0.3, false],
    [0.3, false],
    [0.3, true],
    [0.3, false],
  ])
  expect(redisTable(rows)).toContain('| SET, pipeline 16 | 30 | 100 | 30 % | ≥ 20 % | met |')
})
