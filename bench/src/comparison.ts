import type { MeasuredCell, MeasuredRow } from './report.ts'
import type { Unit } from './row.ts'

// Of these, less is better.
const COSTS: ReadonlySet<Unit> = new Set<Unit>(['ms', 'µs', 'bytes', 'round trips', '×'])

/**
 * How many times better ours is than a peer's cell, by the row's first column: than the cell that it is to be
 * compared with. Undefined for cells of ours, and for what was not measured.
 */
export function comparisonOf(
  { cells, columns }: MeasuredRow,
  cell: MeasuredCell,
): number | undefined {
  const own = cells.find(({ label }) => label === cell.against) ?? cells[0]
  const [column] = columns
  if (column === undefined || own === undefined || cell.contender === 'ours') return undefined
  const mine = own.figures[column.figure]?.median
  const theirs = cell.figures[column.figure]?.median
  if (mine === undefined || theirs === undefined) return undefined
  return COSTS.has(column.unit) ? theirs / mine : mine / theirs
}
