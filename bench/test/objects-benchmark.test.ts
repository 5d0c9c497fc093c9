import { describe, expect, it } from 'vitest'
import { measureObjects, objectsTable } from '../src/objects-benchmark.ts'

describe('the benchmark of objects', () => {
  it('measures an import, reading and a pull beside git, and tells it as a table', async () => {
    const rows = await measureObjects({ name: 'objects', rounds: 1, json: false, quick: true })
    expect(rows).toHaveLength(3)
    for (const { ours, git } of rows) expect(Math.min(ours, git)).toBeGreaterThan(0)
    expect(objectsTable(rows).split('\n')).toHaveLength(5)
  })
})
