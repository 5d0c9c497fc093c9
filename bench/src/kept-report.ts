import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { ratioChart } from './chart/ratio-chart.ts'
import { sizeChart } from './chart/size-chart.ts'
import { markdownTable } from './markdown-table.ts'
import type { Report } from './report.ts'
import { type BenchmarkName, rowBenchmark } from './row-benchmark.ts'
import { conclusion, heading, rowTable } from './table.ts'

/** The folder of the documents. */
export const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
/** Ends what of `BENCHMARKS.md` is made of a report that is kept. */
export const TABLE_END = '<!-- end -->'

/** Begins it. */
export function tableBegin(name: BenchmarkName): string {
  return `<!-- kept by \`bench ${name} --save\`: what stands up to the end is written by it -->`
}

/** The report of a benchmark that was kept last in a folder of documents. */
export function keptReport(docs: string, name: BenchmarkName): string {
  return path.join(docs, 'bench', `${name}.json`)
}

/**
 * Keeps a report in `bench/` of a folder of documents: as JSON, as text, and as charts; and its table in their
 * `BENCHMARKS.md`. A report of some rows takes the place of these rows in what was kept before: it throws where that
 * was measured on another machine, or beside other versions. The files.
 */
export async function keepReport(report: Report, docs: string): Promise<string[]> {
  const json = keptReport(docs, report.benchmark)
  const folder = path.dirname(json)
  await fs.mkdir(folder, { recursive: true })
  const whole = await completed(report, json)
  const text = [heading(whole), ...whole.rows.map(rowTable), conclusion(whole), ''].join('\n')
  await fs.writeFile(json, `${JSON.stringify(whole, null, 2)}\n`)
  const table = path.join(folder, `${report.benchmark}.txt`)
  await fs.writeFile(table, text)
  const document = path.join(docs, 'BENCHMARKS.md')
  await fs.writeFile(document, withTable(await fs.readFile(document, 'utf8'), whole))
  return [json, table, document, ...(await saveCharts(whole, folder))]
}

/** Draws the charts of a report into a folder. The files. */
export async function saveCharts(report: Report, folder: string): Promise<string[]> {
  const charts = [{ name: 'ratios', draw: ratioChart }]
  // Only keys are counted in several sizes.
  if (report.benchmark === 'kv') charts.push({ name: 'sizes', draw: sizeChart })
  const files: string[] = []
  for (const { name, draw } of charts) {
    const file = path.join(folder, `${report.benchmark}-${name}.svg`)
    await fs.writeFile(file, draw(report))
    files.push(file)
  }
  return files
}

// With the rows of the report before that it does not have itself.
async function completed(report: Report, file: string): Promise<Report> {
  const names = rowBenchmark(report.benchmark, false).rows.map(({ name }) => name)
  const before = await readReport(file)
  const missing = names.filter((name) => !report.rows.some((row) => row.name === name))
  if (before === undefined || missing.length === 0) return report
  for (const part of ['machine', 'versions', 'sizes'] as const) {
    if (isDeepStrictEqual(before[part], report[part])) continue
    throw new Error(
      `the rows that are kept were measured with other ${part}; keep a whole run, without --rows`,
    )
  }
  const rows = names.flatMap((name) => {
    const isOfName = (row: { readonly name: string }) => row.name === name
    return report.rows.find(isOfName) ?? before.rows.find(isOfName) ?? []
  })
  return { ...report, rows }
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8')) as Report
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function withTable(document: string, report: Report): string {
  const mark = tableBegin(report.benchmark)
  const begin = document.indexOf(mark)
  const end = document.indexOf(TABLE_END, begin)
  if (begin === -1 || end === -1) throw new Error('BENCHMARKS.md has no place for the table')
  const before = document.slice(0, begin + mark.length)
  return `${before}\n\n${markdownTable(report)}\n${document.slice(end)}`
}
