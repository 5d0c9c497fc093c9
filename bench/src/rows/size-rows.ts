import type { ContenderName } from '../contender.ts'
import type { Work } from '../measurement.ts'
import { thousands } from '../number-format.ts'
import { type Cell, figure, type Goal, type Row, type Unit } from '../row.ts'
import type { Sizes } from '../sizes.ts'
import { cellOf, shown } from './cells.ts'

const MEMORY_BYTES_MAX = 300_000_000
const SAME = 1.5

/** Rows about size: a large load, reopening, and each cost from few keys to many. */
export function sizeRows(sizes: Sizes): Row[] {
  return [largeLoad(sizes), reopen(sizes), costs(sizes)]
}

function largeLoad({ manyKeys: keys, batch, part, limitMs }: Sizes): Row {
  const cell = (contender: ContenderName, limit: number) => {
    const parameters = { keys, batch, part, limitMs: limit }
    return cellOf(shown(contender), contender, { task: 'largeLoad', parameters })
  }
  const atMost = (limit: number, unit: Unit, text: string, name: string): Goal => {
    return { text, unit, sense: 'at most', limit, value: figure('ours', name) }
  }
  return {
    name: 'million',
    title: `${thousands(keys)} keys in random order, batches of ${batch}; a peer has ${thousands(limitMs / 1000)} s`,
    cells: [cell('ours', Number.MAX_SAFE_INTEGER), cell('hyperbee2', limitMs)],
    columns: [
      { figure: 'perSecond', title: 'keys/s', unit: 'per second' },
      { figure: 'firstPerSecond', title: `first ${thousands(part)}`, unit: 'per second' },
      { figure: 'lastPerSecond', title: `last ${thousands(part)}`, unit: 'per second' },
      { figure: 'loaded', title: 'keys loaded', unit: 'count' },
      { figure: 'memoryBytes', title: 'memory', unit: 'bytes' },
      { figure: 'delayMs', title: 'loop delay, 99.9 %', unit: 'ms' },
      { figure: 'delayMsMax', title: 'maximum', unit: 'ms' },
    ],
    goals: [
      {
        text: `rate of the last ${thousands(part)} keys ≥ 0.5 × that of the first`,
        unit: '×',
        sense: 'at least',
        limit: 0.5,
        value: (look) => look('ours', 'lastPerSecond') / look('ours', 'firstPerSecond'),
      },
      atMost(MEMORY_BYTES_MAX, 'bytes', 'memory ≤ 300 MB above the idle process', 'memoryBytes'),
      atMost(50, 'ms', 'event-loop delay, 99.9th percentile ≤ 50 ms', 'delayMs'),
      atMost(250, 'ms', 'event-loop delay, maximum ≤ 250 ms', 'delayMsMax'),
    ],
  }
}

function reopen({ fewKeys, keys, manyKeys, reopenTimes }: Sizes): Row {
  const cell = (contender: ContenderName, count: number, ending: 'closed' | 'killed') => {
    const times = ending === 'closed' ? reopenTimes : 1
    const work: Work = { task: 'reopen', parameters: { keys: count, times } }
    const how = ending === 'closed' ? '' : ', after a kill'
    const label = `${contender}, ${thousands(count)} keys${how}`
    return cellOf(label, contender, work, { keys: count, ending })
  }
  const few = cell('ours', fewKeys, 'closed')
  const many = cell('ours', manyKeys, 'closed')
  return {
    name: 'reopen',
    title: 'reopening: from opening to the first value',
    cells: [
      few,
      many,
      cell('ours', fewKeys, 'killed'),
      cell('ours', manyKeys, 'killed'),
      cell('hyperbee2', fewKeys, 'closed'),
      { ...cell('hyperbee2', keys, 'closed'), against: many.label },
    ],
    columns: [
      { figure: 'openMs', title: 'median', unit: 'ms' },
      { figure: 'firstMs', title: 'first time', unit: 'ms' },
    ],
    goals: [
      {
        text: `at ${thousands(manyKeys)} keys ≤ ${SAME} × at ${thousands(fewKeys)}`,
        unit: '×',
        sense: 'at most',
        limit: SAME,
        value: (look) => look(many.label, 'openMs') / look(few.label, 'openMs'),
      },
    ],
  }
}

function costs(sizes: Sizes): Row {
  const { fewKeys, keys, manyKeys } = sizes
  const steps = [fewKeys, fewKeys * 10, keys].filter((count, i, all) => all.indexOf(count) === i)
  const cells = (['ours', 'hyperbee', 'hyperbee2'] as const).flatMap((contender) => {
    const counts = contender === 'ours' ? [...steps, manyKeys] : steps
    return counts.map((count) => costCell(contender, count, sizes))
  })
  return {
    name: 'sizes',
    title: 'each cost against the number of keys',
    cells,
    columns: [
      { figure: 'perSecond', title: 'load: keys/s', unit: 'per second' },
      { figure: 'getsPerSecond', title: 'gets/s', unit: 'per second' },
      { figure: 'openMs', title: 'reopening', unit: 'ms' },
      { figure: 'coldRoundTrips', title: 'cold get: round trips', unit: 'round trips' },
      { figure: 'coldBytes', title: 'cold get: bytes', unit: 'bytes' },
      { figure: 'everRatio', title: 'all logs, ever / operations', unit: '×' },
    ],
    goals: [],
    once: true,
  }
}

function costCell(contender: Cell['contender'], keys: number, sizes: Sizes): Cell {
  const { batch, gets, delayMs, reopenTimes } = sizes
  const fixture = { keys, ending: 'closed' } as const
  const remote = contender === 'ours' ? 'our-stream' : contender
  const get: Work = { task: 'randomGet', parameters: { keys, gets } }
  const open: Work = { task: 'reopen', parameters: { keys, times: reopenTimes } }
  const cold: Work = {
    task: 'remoteGet',
    parameters: { keys, delayMs, coldKeys: 3, laterKeys: 3 },
  }
  return {
    label: `${contender}, ${thousands(keys)} keys`,
    contender,
    keys,
    against: `ours, ${thousands(keys)} keys`,
    steps: [
      { contender, work: { task: 'load', parameters: { keys, batch } } },
      { contender, work: get, fixture },
      { contender, work: open, fixture },
      { contender: remote, work: cold, fixture },
      { contender: remote, work: { task: 'logBytes', parameters: { keys, batch } } },
    ],
  }
}
