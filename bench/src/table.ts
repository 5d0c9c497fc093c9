import { comparisonOf } from './comparison.ts'
import { measuredWhen } from './measured-when.ts'
import { formatFigure } from './number-format.ts'
import type { JudgedGoal, MeasuredCell, MeasuredRow, Report } from './report.ts'
import type { Unit } from './row.ts'

/** The result of a row for people: figures, how many times better ours are, goals. */
export function rowTable(row: MeasuredRow): string {
  const heads = ['', ...row.columns.map(({ title }) => title), 'ours is']
  const lines = row.cells.map((cell) => [
    cell.label,
    ...row.columns.map(({ figure, unit }) => figureText(cell, figure, unit)),
    comparisonText(row, cell),
  ])
  const failures = row.cells.flatMap(({ label, failure }) =>
    failure === undefined ? [] : [`  ${label} failed: ${failure}`],
  )
  return [
    `${row.name} · ${row.title}`,
    ...aligned([heads, ...lines]).map((line) => `  ${line}`),
    ...failures,
    ...row.goals.map((goal) => `  ${goalText(goal)}`),
    '',
  ].join('\n')
}

/** What stands before the rows. */
export function heading({ machine, versions, quick, rows }: Report): string {
  const { processor, cores, memoryBytes, system, node, fileSystem } = machine
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${processor}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${fileSystem}, ${system}, Node ${node}`,
    names.join(', '),
    measuredWhen(rows),
    ...(quick ? ['QUICK: smaller sizes than the goals are for; conclude nothing from it'] : []),
    '',
  ].join('\n')
}

/** How many goals were met, and which were not. */
export function conclusion({ rows }: Report): string {
  const goals = rows.flatMap((row) => row.goals.map((goal) => ({ row, goal })))
  const missed = goals.filter(({ goal }) => !goal.met)
  return [
    `${goals.length - missed.length} of ${goals.length} goals met`,
    ...missed.map(({ row, goal }) => `  missed: ${row.name}: ${reachedText(goal)}`),
  ].join('\n')
}

function goalText(goal: JudgedGoal): string {
  return `${goal.met ? '✓ met   ' : '✗ MISSED'} ${reachedText(goal)}`
}

function reachedText({ text, value, unit }: JudgedGoal): string {
  return `${text}: ${value === null ? 'not measured' : formatFigure(value, unit)}`
}

function figureText({ figures }: MeasuredCell, figure: string, unit: Unit): string {
  return formatFigure(figures[figure]?.median ?? Number.NaN, unit)
}

function comparisonText(row: MeasuredRow, cell: MeasuredCell): string {
  const ratio = comparisonOf(row, cell)
  return ratio === undefined ? '' : formatFigure(ratio, '×')
}

function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((line) => line[i]?.length ?? 0)),
  )
  return lines.map((line) =>
    line
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('   ')
      .trimEnd(),
  )
}
