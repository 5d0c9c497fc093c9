import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { RunCommand } from './command-line.ts'
import { describeMachine } from './machine.ts'
import { Measurer } from './measurer.ts'
import type { MeasuredRow, Report } from './report.ts'
import type { Row } from './row.ts'
import { runRow } from './row-runner.ts'
import { rowBenchmark } from './row-benchmark.ts'
import { chooseRows, onlyContenders } from './rows/chosen-rows.ts'
import { peerVersions } from './versions.ts'

/** Who is told how far the benchmark is. */
export interface Listener {
  /** Of the measurement that begins. */
  readonly progress: (line: string) => void
  readonly rowDone: (row: MeasuredRow) => void
}

/** Runs the rows that are asked for, in a temporary folder that is removed again. */
export async function runBenchmark(
  { name, rows: names, only, rounds, quick, profileFolder }: RunCommand,
  listener: Listener,
): Promise<Report> {
  const { sizes, peers, rows: all } = rowBenchmark(name, quick)
  const rows = onlyContenders(chooseRows(all, names), only)
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-bench-'))
  const measurer = new Measurer(folder, profileFolder)
  const machine = await describeMachine(folder)
  const stop = () => measurer.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const measured = await runRows(rows, rounds, measurer, listener)
    const versions = peerVersions(peers)
    return { benchmark: name, machine, versions, quick, sizes, rows: measured }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await fs.rm(folder, { recursive: true, force: true })
  }
}

async function runRows(
  rows: readonly Row[],
  rounds: number,
  measurer: Measurer,
  { progress, rowDone }: Listener,
): Promise<MeasuredRow[]> {
  const measured: MeasuredRow[] = []
  for (const row of rows) {
    const done = await runRow(row, rounds, measurer, progress)
    measured.push(done)
    rowDone(done)
  }
  return measured
}
