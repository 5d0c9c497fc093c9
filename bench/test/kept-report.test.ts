import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { DOCS, keepReport, keptReport, TABLE_END, tableBegin } from '../src/kept-report.ts'
import type { MeasuredRow, Report } from '../src/report.ts'
import { rowBenchmark } from '../src/row-benchmark.ts'

const { rows, sizes } = rowBenchmark('kv', false)
const TABLE_BEGIN = tableBegin('kv')

/** A row in which every figure is `median`. */
function measured(name: string, median: number): MeasuredRow {
  const row = rows.find((one) => one.name === name)
  if (row === undefined) throw new Error(`no row is called ${name}`)
  const figures = Object.fromEntries(
    row.columns.map(({ figure }) => [figure, { median, rounds: [median] }]),
  )
  const cells = row.cells.map(({ label, contender, keys }) => {
    return { label, contender, ...(keys && { keys }), figures, failure: undefined }
  })
  const goals = row.goals.map((goal) => ({ ...goal, value: 1, met: false }))
  const when = { endedAt: '2026-01-02T03:04:05.000Z', rounds: 3, load: 0.25 }
  return { name, title: row.title, ...when, columns: row.columns, cells, goals }
}

function report(measuredRows: readonly MeasuredRow[]): Report {
  const machine = {
    processor: 'a processor',
    cores: 2,
    memoryBytes: 2 ** 33,
    system: 'Linux',
    node: 'v20',
    fileSystem: 'ext4',
  }
  const versions = { hyperbee2: '2.14.0' }
  return { benchmark: 'kv', machine, versions, quick: false, sizes, rows: measuredRows }
}

async function temporaryDocs(): Promise<string> {
  const docs = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-docs-'))
  onTestFinished(() => fs.rm(docs, { recursive: true }))
  await fs.copyFile(path.join(DOCS, 'BENCHMARKS.md'), path.join(docs, 'BENCHMARKS.md'))
  return docs
}

async function kept(docs: string): Promise<Report> {
  return JSON.parse(await fs.readFile(keptReport(docs, 'kv'), 'utf8')) as Report
}

it('is kept as JSON, as text, as charts, and as a table in the document', async () => {
  const docs = await temporaryDocs()
  const before = await fs.readFile(path.join(docs, 'BENCHMARKS.md'), 'utf8')
  const whole = report(rows.map(({ name }) => measured(name, 12)))
  for (const file of await keepReport(whole, docs)) {
    expect((await fs.stat(file)).size).toBeGreaterThan(0)
  }
  expect((await kept(docs)).rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name))
  expect(await fs.readFile(path.join(docs, 'bench', 'kv-sizes.svg'), 'utf8')).toContain(
    'a processor',
  )
  const after = await fs.readFile(path.join(docs, 'BENCHMARKS.md'), 'utf8')
  expect(after.slice(0, after.indexOf(TABLE_BEGIN))).toBe(
    before.slice(0, before.indexOf(TABLE_BEGIN)),
  )
  expect(after.slice(after.indexOf(TABLE_END))).toBe(before.slice(before.indexOf(TABLE_END)))
  expect(after).toContain('2026-01-02; medians of 3 rounds; load 0.3')
  expect(after).toContain('| `get` | gets/s 12, CPU each 12 µs | 1 × hyperbee (12)<br>')
  await keepReport(whole, docs)
  expect(await fs.readFile(path.join(docs, 'BENCHMARKS.md'), 'utf8')).toBe(after)
})

it('takes some rows into what was kept, unless that was measured elsewhere', async () => {
  const docs = await temporaryDocs()
  await keepReport(report([measured('get', 1), measured('load', 1)]), docs)
  await keepReport(report([measured('get', 2), measured('scan', 2)]), docs)
  const { rows: now } = await kept(docs)
  const medians = now.map(({ name, cells }) => [name, Object.values(cells[0]?.figures ?? {})[0]])
  expect(medians).toMatchObject([
    ['load', { median: 1 }],
    ['get', { median: 2 }],
    ['scan', { median: 2 }],
  ])
  const elsewhere = { ...report([measured('put', 3)]), versions: { hyperbee2: '2.15.0' } }
  await expect(keepReport(elsewhere, docs)).rejects.toThrow('other versions')
  expect((await kept(docs)).rows).toHaveLength(3)
})
