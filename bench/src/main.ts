// `pnpm bench`: see USAGE.
import fs from 'node:fs/promises'
import path from 'node:path'
import { readCommand, type RunCommand, USAGE } from './command-line.ts'
import {
  type DescriptorsCommand,
  descriptorsTable,
  measureDescriptors,
} from './descriptors-benchmark.ts'
import { DOCS, keepReport, keptReport, saveCharts } from './kept-report.ts'
import { measureObjects, type ObjectsCommand, objectsTable } from './objects-benchmark.ts'
import { measureRedis, type RedisCommand, redisTable } from './redis/redis-benchmark.ts'
import type { Report } from './report.ts'
import { runBenchmark } from './run-benchmark.ts'
import { measureSharing, type SharingCommand, sharingTable } from './sharing/sharing-benchmark.ts'
import { conclusion, heading, rowTable } from './table.ts'

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args)
  if (command.name === 'chart') return chart(command.file ?? keptReport(DOCS, 'kv'))
  if (command.name === 'descriptors') return descriptors(command)
  if (command.name === 'sharing') return sharing(command)
  if (command.name === 'redis') return redis(command)
  if (command.name === 'objects') return objects(command)
  return rows(command)
}

/** Draws the charts of a kept report anew, beside it. */
async function chart(file: string): Promise<number> {
  const report = JSON.parse(await fs.readFile(file, 'utf8')) as Report
  for (const drawn of await saveCharts(report, path.dirname(file))) console.log(drawn)
  return 0
}

/** A goal that was missed is a result like others. */
function descriptors(command: DescriptorsCommand): number {
  const rows = measureDescriptors(command)
  console.log(command.json ? JSON.stringify(rows, null, 2) : descriptorsTable(rows))
  return 0
}

/** A goal that was missed is a result like others. */
async function sharing(command: SharingCommand): Promise<number> {
  const figures = await measureSharing(command)
  console.log(command.json ? JSON.stringify(figures, null, 2) : sharingTable(figures))
  return 0
}

/** A goal that was missed is a result like others. */
async function redis(command: RedisCommand): Promise<number> {
  const rows = await measureRedis(command, progress)
  console.log(command.json ? JSON.stringify(rows, null, 2) : redisTable(rows))
  return 0
}

/** A goal that was missed is a result like others. */
async function objects(command: ObjectsCommand): Promise<number> {
  const rows = await measureObjects(command)
  console.log(command.json ? JSON.stringify(rows, null, 2) : objectsTable(rows))
  return 0
}

function progress(line: string): void {
  process.stderr.write(`… ${line}\n`)
}

/** The exit code: 1 when something could not be measured. A goal that was missed is a result like others. */
async function rows(command: RunCommand): Promise<number> {
  const say = command.json ? console.error : console.log
  const report = await runBenchmark(command, {
    progress,
    rowDone: (row) => say(`\n${rowTable(row)}`),
  })
  say(heading(report))
  say(conclusion(report))
  if (command.json) console.log(JSON.stringify(report, null, 2))
  if (command.save) for (const file of await keepReport(report, DOCS)) say(`kept: ${file}`)
  const failed = report.rows.some(({ cells }) => cells.some(({ failure }) => failure !== undefined))
  return failed ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof TypeError) console.error(`${error.message}\n\n${USAGE}`)
  else console.error(error)
  return 1
})
