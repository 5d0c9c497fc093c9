import { expect, it } from 'vitest'
import { measureSharing, sharingTable } from '../src/sharing/sharing-benchmark.ts'

it('measures every row of sharing', { timeout: 120_000 }, async () => {
  const figures = await measureSharing({ name: 'sharing', quick: true, json: false })
  expect(new Set(figures.map(({ work }) => work)).size).toBe(5)
  const table = sharingTable(figures)
  for (const { work, figure, value, limit } of figures) {
    expect(value, `${work}: ${figure}`).not.toBeNaN()
    // Memory may also shrink meanwhile, when the collector runs.
    if (!/memory/.test(figure)) expect(value, `${work}: ${figure}`).toBeGreaterThanOrEqual(0)
    // What is timed, or depends on latency or memory, is left to the benchmark.
    const isCount = /differ|declines|named/.test(figure)
    if (isCount) expect(value, `${work}: ${figure}`).toBeLessThanOrEqual(limit)
  }
  expect(table.split('\n')).toHaveLength(figures.length + 2)
})
