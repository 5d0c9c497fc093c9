import { comparisonOf } from './comparison.ts'
import { formatFigure } from './number-format.ts'
import type { JudgedGoal, MeasuredCell, MeasuredRow, Report } from './report.ts'
import { heading } from './table.ts'

/** The result for a document: a line for each row, but for the one that is a chart. */
export function markdownTable(report: Report): string {
  const rows = report.rows.filter(({ name }) => name !== 'sizes')
  const lines = rows.map((row) => {
    const own = row.cells.filter(({ contender }) => contender === 'ours')
    const peers = row.cells.filter(({ contender }) => contender !== 'ours')
    return [
      `\`${row.name}\``,
      own.map((cell, i) => ownText(row, cell, i)).join('<br>'),
      peers.map((cell) => peerText(row, cell)).join('<br>'),
      row.goals.map(goalText).join('<br>'),
    ]
  })
  const heads = ['row', 'ours', 'beside: how many times better ours is', 'goals']
  const table = [heads, heads.map(() => '---'), ...lines]
  return `${heading(report).trim().replaceAll('\n', '  \n')}

${table.map((cells) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}
`
}

function ownText(row: MeasuredRow, { label, figures, failure }: MeasuredCell, place: number) {
  if (failure !== undefined) return `${label}: failed`
  const all = row.columns.flatMap(({ figure, title, unit }) => {
    const median = figures[figure]?.median
    return median === undefined ? [] : [`${title} ${formatFigure(median, unit)}`]
  })
  return `${place === 0 ? '' : `${label}: `}${all.join(', ')}`
}

function peerText(row: MeasuredRow, cell: MeasuredCell): string {
  const [column] = row.columns
  const median = column && cell.figures[column.figure]?.median
  if (column === undefined || median === undefined) return `${cell.label}: not measured`
  const ratio = comparisonOf(row, cell)
  const figure = formatFigure(median, column.unit)
  return ratio === undefined
    ? `${cell.label} (${figure})`
    : `${formatFigure(ratio, '×')} ${cell.label} (${figure})`
}

function goalText({ met, text, value, unit }: JudgedGoal): string {
  const reached = value === null ? 'not measured' : formatFigure(value, unit)
  return `${met ? '✓' : '✗'} ${text}: ${reached}`
}
