import type { ContenderName } from '../contender.ts'
import type { Work } from '../measurement.ts'
import { thousands } from '../number-format.ts'
import { figure, type Row, ratio } from '../row.ts'
import type { Sizes } from '../sizes.ts'
import { cellOf, cellsOf, shown } from './cells.ts'

/** Rows about what stays: the bytes of the logs, and what becomes of overwritten entries. */
export function logRows(sizes: Sizes): Row[] {
  return [bytes(sizes), overwrite(sizes)]
}

function bytes({ keys, manyKeys, singlePuts, batch }: Sizes): Row {
  const cell = (contender: ContenderName, how: string, count: number, size: number) => {
    const work: Work = { task: 'logBytes', parameters: { keys: count, batch: size } }
    return { ...cellOf(`${shown(contender)}, ${how}`, contender, work), against: `ours, ${how}` }
  }
  const many = thousands(manyKeys)
  const cells = (['our-stream', 'hyperbee', 'hyperbee2'] as const).flatMap((contender) => [
    cell(contender, 'batches', keys, batch),
    cell(contender, 'single', singlePuts, 1),
  ])
  const smaller = (how: string) =>
    ({
      text: `data log, ${how}: ours < hyperbee2`,
      unit: '×',
      sense: 'below',
      limit: 1,
      value: ratio(`ours, ${how}`, `hyperbee2, ${how}`, 'dataPerPut'),
    }) as const
  const large = `ours, ${many} keys`
  return {
    name: 'bytes',
    title: `log bytes per put: ${thousands(keys)} keys in batches of ${batch}, ${thousands(singlePuts)} single puts`,
    cells: [...cells, cell('our-stream', `${many} keys`, manyKeys, batch)],
    columns: [
      { figure: 'dataPerPut', title: 'data log per put', unit: 'bytes' },
      { figure: 'everRatio', title: 'all logs, ever / operations', unit: '×' },
      { figure: 'liveRatio', title: 'live / operations', unit: '×' },
    ],
    goals: [
      smaller('batches'),
      smaller('single'),
      {
        text: `both logs ever appended ≤ 5 × the operations, ${many} keys`,
        unit: '×',
        sense: 'at most',
        limit: 5,
        value: figure(large, 'everRatio'),
      },
      {
        text: `live ≤ 1.3 × the operations, ${many} keys`,
        unit: '×',
        sense: 'at most',
        limit: 1.3,
        value: figure(large, 'liveRatio'),
      },
    ],
    once: true,
  }
}

function overwrite({ overwriteKeys: keys, overwriteTimes: times, batch, delayMs }: Sizes): Row {
  const work: Work = { task: 'overwrite', parameters: { keys, batch, times, delayMs } }
  return {
    name: 'overwrite',
    title: `every one of ${thousands(keys)} keys overwritten ${times} ×; as multiples of the live data`,
    cells: cellsOf(['our-stream', 'hyperbee2'], work),
    columns: [
      { figure: 'downloadRatio', title: 'new replica: download', unit: '×' },
      { figure: 'scanRatio', title: 'new replica: scan', unit: '×' },
      { figure: 'diskRatio', title: 'disk', unit: '×' },
      { figure: 'compactedRatio', title: 'disk after compact', unit: '×' },
    ],
    goals: [
      {
        text: 'a new replica downloads ≤ 1.3 × the live data',
        unit: '×',
        sense: 'at most',
        limit: 1.3,
        value: figure('ours', 'downloadRatio'),
      },
      {
        text: 'a new replica scans ≤ 1.3 × the live data',
        unit: '×',
        sense: 'at most',
        limit: 1.3,
        value: figure('ours', 'scanRatio'),
      },
      {
        text: 'the disk falls after compact',
        unit: '×',
        sense: 'below',
        limit: 1,
        value: (look) => look('ours', 'compactedRatio') / look('ours', 'diskRatio'),
      },
    ],
    once: true,
  }
}
