import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ratioChart } from './chart/ratio-chart.ts'
import { sizeChart } from './chart/size-chart.ts'
import type { Report } from './report.ts'
import { conclusion, heading, rowTable } from './table.ts'

const FOLDER = fileURLToPath(new URL('../../docs/bench/', import.meta.url))

/** The report that was kept last. */
export const KEPT_REPORT = path.join(FOLDER, 'kv.json')

/** Keeps a report in `docs/bench/`: as JSON, as text, and as charts. The files. */
export async function keepReport(report: Report): Promise<string[]> {
  await fs.mkdir(FOLDER, { recursive: true })
  const text = [heading(report), ...report.rows.map(rowTable), conclusion(report), ''].join('\n')
  await fs.writeFile(KEPT_REPORT, `${JSON.stringify(report, null, 2)}\n`)
  const table = path.join(FOLDER, 'kv.txt')
  await fs.writeFile(table, text)
  return [KEPT_REPORT, table, ...(await saveCharts(report, FOLDER))]
}

/** Draws the charts of a report into a folder. The files. */
export async function saveCharts(report: Report, folder: string): Promise<string[]> {
  const ratios = path.join(folder, 'kv-ratios.svg')
  const sizes = path.join(folder, 'kv-sizes.svg')
  await fs.writeFile(ratios, ratioChart(report))
  await fs.writeFile(sizes, sizeChart(report))
  return [ratios, sizes]
}
