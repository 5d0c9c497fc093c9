import type { Work } from '../measurement.ts'
import type { Column, Row } from '../row.ts'
import type { Sizes } from '../sizes.ts'
import { cellOf, cellsOf } from './cells.ts'
import { atLeast } from './goals.ts'
import { thousands } from '../number-format.ts'

const rate = { figure: 'perSecond', unit: 'per second' } as const
const cpu: Column = { figure: 'cpuMicroseconds', title: 'CPU each', unit: 'µs' }

/** Rows on one machine: how fast it writes and reads. */
export function nearRows(sizes: Sizes): Row[] {
  return [load(sizes), singlePuts(sizes), putsInFlight(sizes), randomGet(sizes), fullScan(sizes)]
}

function load({ keys, batch }: Sizes): Row {
  const work: Work = { task: 'load', parameters: { keys, batch } }
  const columns: Column[] = [
    { ...rate, title: 'keys/s' },
    cpu,
    { figure: 'closeMs', title: 'then closing', unit: 'ms' },
  ]
  return {
    name: 'load',
    title: `load of ${thousands(keys)} keys in random order, batches of ${batch}`,
    cells: cellsOf(['ours', 'hyperbee', 'hyperbee2', 'classic-level', 'lmdb'], work),
    columns,
    goals: [atLeast(3, 'hyperbee2', rate.figure), atLeast(1, 'lmdb', rate.figure)],
  }
}

function singlePuts({ singlePuts }: Sizes): Row {
  const work: Work = { task: 'puts', parameters: { puts: singlePuts, inFlight: 1 } }
  const append: Work = { task: 'bareAppend', parameters: { appends: singlePuts } }
  const bare = cellOf('bare append', 'ours', append)
  return {
    name: 'put',
    title: `one awaited put after another, ${thousands(singlePuts)} of them`,
    cells: [
      ...cellsOf(['ours'], work),
      bare,
      ...cellsOf(['hyperbee', 'hyperbee2', 'classic-level'], work),
    ],
    columns: [{ ...rate, title: 'puts/s' }, cpu],
    goals: [atLeast(1.3, 'hyperbee2', rate.figure), atLeast(0.9, 'bare append', rate.figure)],
  }
}

function putsInFlight({ singlePuts, inFlight, inFlightPuts }: Sizes): Row {
  const many: Work = { task: 'puts', parameters: { puts: inFlightPuts, inFlight } }
  // So few that the slow ones are done in time.
  const few: Work = { task: 'puts', parameters: { puts: singlePuts, inFlight } }
  const one: Work = { task: 'puts', parameters: { puts: singlePuts, inFlight: 1 } }
  const single = cellOf('hyperbee2, one', 'hyperbee2', one)
  return {
    name: 'in-flight',
    title: `${inFlight} puts in flight`,
    cells: [
      ...cellsOf(['ours', 'classic-level'], many),
      ...cellsOf(['hyperbee', 'hyperbee2'], few),
      single,
    ],
    columns: [{ ...rate, title: 'puts/s' }, cpu],
    goals: [atLeast(30, 'hyperbee2, one', rate.figure)],
  }
}

function randomGet({ keys, gets }: Sizes): Row {
  const work: Work = { task: 'randomGet', parameters: { keys, gets } }
  return {
    name: 'get',
    title: `random get, warm, of ${thousands(keys)} keys`,
    cells: cellsOf(['ours', 'hyperbee', 'hyperbee2', 'classic-level', 'lmdb'], work, keys),
    columns: [{ figure: 'getsPerSecond', title: 'gets/s', unit: 'per second' }, cpu],
    goals: [atLeast(3, 'hyperbee2', 'getsPerSecond')],
  }
}

function fullScan({ keys }: Sizes): Row {
  const work: Work = { task: 'fullScan', parameters: { keys } }
  return {
    name: 'scan',
    title: `full scan by \`for await\` over ${thousands(keys)} keys`,
    cells: cellsOf(['ours', 'hyperbee', 'hyperbee2', 'classic-level', 'lmdb'], work, keys),
    columns: [
      { ...rate, title: 'entries/s' },
      cpu,
      { figure: 'firstPerSecond', title: 'first after opening', unit: 'per second' },
    ],
    goals: [atLeast(1.2, 'hyperbee2', rate.figure)],
  }
}
