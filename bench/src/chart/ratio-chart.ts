import { formatFigure } from '../number-format.ts'
import type { MeasuredRow, Report } from '../report.ts'
import { comparisonOf } from '../comparison.ts'
import { LogScale } from './log-scale.ts'
import { AXIS, colourOf, GRID, originOf } from './palette.ts'
import { element, label, line, picture } from './svg.ts'

const WIDTH = 900
const LEFT = 300
const RIGHT = 830
const TOP = 70
const BAR = 16
const GAP = 14

interface Bar {
  readonly contender: string
  readonly name: string
  readonly ratio: number
}

interface Group {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** How many times better we are than each peer in each row, on a scale of factors. */
export function ratioChart(report: Report): string {
  const groups = report.rows.filter(({ name }) => name !== 'sizes').map(groupOf)
  const shown = groups.filter(({ bars }) => bars.length > 0)
  const ratios = shown.flatMap(({ bars }) => bars.map(({ ratio }) => ratio))
  const scale = new LogScale(Math.min(1, ...ratios), Math.max(10, ...ratios), LEFT, RIGHT)
  const height = TOP + shown.reduce((sum, { bars }) => sum + bars.length * BAR + GAP, 0) + 40
  let y = TOP
  const parts = [
    label(20, 26, 'How many times better ours is', { 'font-size': 17, 'font-weight': 600 }),
    label(20, 44, 'Right of 1 × ours is better. Ours is encrypted, the others are not.', {
      fill: AXIS,
    }),
    ...grid(scale, height - 40),
  ]
  for (const group of shown) {
    parts.push(...drawGroup(group, y, scale))
    y += group.bars.length * BAR + GAP
  }
  parts.push(label(20, height - 12, originOf(report), { fill: AXIS, 'font-size': 11 }))
  return picture(WIDTH, height, 'How many times better ours is, by row and peer', parts)
}

function groupOf(row: MeasuredRow): Group {
  const [column] = row.columns
  const bars = row.cells.flatMap((cell) => {
    const ratio = comparisonOf(row, cell)
    const isPeer = ratio !== undefined && Number.isFinite(ratio)
    return isPeer ? [{ contender: cell.contender, name: cell.label, ratio }] : []
  })
  return { title: `${row.name}: ${column?.title ?? ''}`, bars }
}

function drawGroup({ title, bars }: Group, top: number, scale: LogScale): string[] {
  const one = scale.place(1)
  const parts = [label(20, top + BAR - 4, title, { 'font-weight': 600 })]
  bars.forEach(({ contender, name, ratio }, i) => {
    const y = top + i * BAR
    const x = scale.place(ratio)
    const shape = { x: Math.min(one, x), y: y + 2, width: Math.abs(x - one), height: BAR - 4 }
    parts.push(
      element('rect', { ...shape, fill: colourOf(contender) }),
      label(LEFT - 8, y + BAR - 4, name, { 'text-anchor': 'end' }),
      label(Math.max(one, x) + 6, y + BAR - 4, formatFigure(ratio, '×'), { fill: AXIS }),
    )
  })
  return parts
}

function grid(scale: LogScale, bottom: number): string[] {
  return scale.decades.flatMap((value) => {
    const x = scale.place(value)
    const middle = { 'text-anchor': 'middle', fill: AXIS }
    return [
      line(x, TOP - 6, x, bottom, value === 1 ? AXIS : GRID),
      label(x, TOP - 12, `${value.toLocaleString('en-US')} ×`, middle),
    ]
  })
}
