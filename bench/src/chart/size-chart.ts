import { formatFigure } from '../number-format.ts'
import type { MeasuredRow, Report } from '../report.ts'
import type { Unit } from '../row.ts'
import { LogScale } from './log-scale.ts'
import { AXIS, colourOf, GRID, originOf } from './palette.ts'
import { element, label, line, picture } from './svg.ts'

const WIDTH = 900
const PANEL_WIDTH = 270
const PANEL_HEIGHT = 190
const LEFT = 60
const TOP = 96
const PER_LINE = 3

interface Point {
  readonly keys: number
  readonly value: number
}

interface Panel {
  readonly title: string
  readonly unit: Unit
  readonly series: readonly { readonly contender: string; readonly points: readonly Point[] }[]
}

/** Each cost against the number of keys, both on scales of factors. */
export function sizeChart(report: Report): string {
  const row = report.rows.find(({ name }) => name === 'sizes')
  const panels = row === undefined ? [] : panelsOf(row)
  const lines = Math.max(1, Math.ceil(panels.length / PER_LINE))
  const height = TOP + lines * (PANEL_HEIGHT + 70) + 10
  const keys = (row?.cells ?? []).flatMap((cell) => cell.keys ?? [])
  const parts = [
    label(20, 26, 'Cost against the number of keys', { 'font-size': 17, 'font-weight': 600 }),
    ...legend(panels),
    ...panels.flatMap((panel, i) => {
      const x = LEFT + (i % PER_LINE) * (PANEL_WIDTH + 15)
      return drawPanel(panel, keys, x, TOP + Math.floor(i / PER_LINE) * (PANEL_HEIGHT + 70))
    }),
    label(20, height - 12, originOf(report), { fill: AXIS, 'font-size': 11 }),
  ]
  return picture(WIDTH, height, 'Costs against the number of keys', parts)
}

function panelsOf({ columns, cells }: MeasuredRow): Panel[] {
  const contenders = [...new Set(cells.map(({ contender }) => contender))]
  return columns.map(({ figure, title, unit }) => ({
    title,
    unit,
    series: contenders.map((contender) => ({
      contender,
      points: cells.flatMap((cell) => {
        const value = cell.figures[figure]?.median
        if (cell.contender !== contender || cell.keys === undefined) return []
        return value === undefined ? [] : [{ keys: cell.keys, value }]
      }),
    })),
  }))
}

function legend(panels: readonly Panel[]): string[] {
  const names = (panels[0]?.series ?? []).map(({ contender }) => contender)
  return names.flatMap((name, i) => [
    element('circle', { cx: 28 + i * 110, cy: 46, r: 5, fill: colourOf(name) }),
    label(38 + i * 110, 50, name),
  ])
}

function drawPanel(
  { title, unit, series }: Panel,
  keys: readonly number[],
  left: number,
  top: number,
): string[] {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value))
  if (values.length === 0) return []
  const right = left + PANEL_WIDTH - 55
  const bottom = top + PANEL_HEIGHT
  const across = new LogScale(Math.min(...keys), Math.max(...keys), left, right)
  const up = new LogScale(Math.min(...values), Math.max(...values), bottom, top)
  const parts = [label(left, top - 14, title, { 'font-weight': 600 })]
  for (const value of up.decades) {
    const y = up.place(value)
    parts.push(line(left, y, right, y, GRID))
    parts.push(
      label(left - 6, y + 4, formatFigure(value, unit), { 'text-anchor': 'end', 'font-size': 10 }),
    )
  }
  for (const count of across.decades) {
    const text = count >= 1e6 ? `${count / 1e6} M` : `${count / 1000} k`
    parts.push(
      label(across.place(count), bottom + 16, text, { 'text-anchor': 'middle', 'font-size': 10 }),
    )
  }
  for (const { contender, points } of series) {
    parts.push(...drawSeries(points, colourOf(contender), across, up))
  }
  return parts
}

function drawSeries(
  points: readonly Point[],
  colour: string,
  across: LogScale,
  up: LogScale,
): string[] {
  const places = points.map(({ keys, value }) => [across.place(keys), up.place(value)] as const)
  const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  return [
    element('polyline', { points: path, fill: 'none', stroke: colour, 'stroke-width': 2 }),
    ...places.map(([cx, cy]) => element('circle', { cx, cy, r: 3.5, fill: colour })),
  ]
}
