import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { ratioChart } from './chart/ratio-chart.ts'
import { sizeChart } from './chart/size-chart.ts'
import { markdownTable } from './markdown-table.ts'
import type { Report } from './report.ts'
import { kvRows } from './rows/kv-rows.ts'
import { fullSizes } from './sizes.ts'
import { conclusion, heading, rowTable } from './table.ts'

/** The folder of the documents. */
export const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
/** Around what of `BENCHMARKS.md` is made of the report that is kept. */
export const TABLE_BEGIN =
  '<!-- kept by `bench kv --save`: what stands up to the end is written by it -->'
export const TABLE_END = '<!-- end -->'

/** The report that was kept last in a folder of documents. */
export function keptReport(docs: string): string {
  return path.join(docs, 'bench', 'kv.json')
}

/**
 * Keeps a report in `bench/` of a folder of documents: as JSON, as text, and as charts; and its table in their
 * `BENCHMARKS.md`. A report of some rows takes the place of these rows in what was kept before: it throws where that
 * was measured on another machine, or beside other versions. The files.
 */
export async function keepReport(report: Report, docs: string): Promise<string[]> {
  const json = keptReport(docs)
  const folder = path.dirname(json)
  await fs.mkdir(folder, { recursive: true })
  const whole = await completed(report, json)
  const text = [heading(whole), ...whole.rows.map(rowTable), conclusion(whole), ''].join('\n')
  await fs.writeFile(json, `${JSON.stringify(whole, null, 2)}\n`)
  const table = path.join(folder, 'kv.txt')
  await fs.writeFile(table, text)
  const document = path.join(docs, 'BENCHMARKS.md')
  await fs.writeFile(document, withTable(await fs.readFile(document, 'utf8'), whole))
  return [json, table, document, ...(await saveCharts(whole, folder))]
}

/** Draws the charts of a report into a folder. The files. */
export async function saveCharts(report: Report, folder: string): Promise<string[]> {
  const ratios = path.join(folder, 'kv-ratios.svg')
  const sizes = path.join(folder, 'kv-sizes.svg')
  await fs.writeFile(ratios, ratioChart(report))
  await fs.writeFile(sizes, sizeChart(report))
  return [ratios, sizes]
}

// With the rows of the report before that it does not have itself.
async function completed(report: Report, file: string): Promise<Report> {
  const names = kvRows(fullSizes).map(({ name }) => name)
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
  const begin = document.indexOf(TABLE_BEGIN)
  const end = document.indexOf(TABLE_END)
  if (begin === -1 || end < begin) throw new Error('BENCHMARKS.md has no place for the table')
  const before = document.slice(0, begin + TABLE_BEGIN.length)
  return `${before}\n\n${markdownTable(report)}\n${document.slice(end)}`
}
