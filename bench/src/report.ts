import type { Machine } from './machine.ts'
import type { Goal, Row, Unit } from './row.ts'
import type { BenchmarkName } from './row-benchmark.ts'

/** What a figure was in each round. */
export interface MeasuredFigure {
  readonly median: number
  readonly rounds: readonly number[]
}

/** A cell that was measured, or why it was not. */
export interface MeasuredCell {
  readonly label: string
  readonly contender: string
  /** Number of keys, in a row that compares numbers of keys. */
  readonly keys?: number
  /** Label of the cell of ours that it is compared with; default the first cell. */
  readonly against?: string
  readonly figures: Readonly<Record<string, MeasuredFigure>>
  readonly failure: string | undefined
}

/** A goal and what was reached. `value` is null where a cell that it looks at has failed. */
export interface JudgedGoal extends Omit<Goal, 'value'> {
  readonly value: number | null
  readonly met: boolean
}

export interface MeasuredRow {
  readonly name: string
  /** When it was done. */
  readonly endedAt: string
  readonly rounds: number
  /** Mean number of runnable processes, over the minute before it was done. */
  readonly load: number
  readonly title: string
  readonly columns: readonly {
    readonly figure: string
    readonly title: string
    readonly unit: Unit
  }[]
  readonly cells: readonly MeasuredCell[]
  readonly goals: readonly JudgedGoal[]
}

/** The whole result, as `--json` prints it. */
export interface Report {
  readonly benchmark: BenchmarkName
  readonly machine: Machine
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>
  /** With smaller sizes than the goals ask for: nothing is to be concluded. */
  readonly quick: boolean
  readonly sizes: Readonly<Record<string, number>>
  readonly rows: readonly MeasuredRow[]
}

/** Compares a row's goals with the medians of its cells. */
export function judge(row: Row, cells: readonly MeasuredCell[]): JudgedGoal[] {
  const look = (label: string, figure: string): number => {
    const cell = cells.find((one) => one.label === label)
    return cell?.figures[figure]?.median ?? Number.NaN
  }
  return row.goals.map(({ value: reached, ...goal }) => {
    const value = reached(look)
    return { ...goal, value: Number.isNaN(value) ? null : value, met: isMet(goal, value) }
  })
}

function isMet({ sense, limit }: Omit<Goal, 'value'>, value: number): boolean {
  if (sense === 'at least') return value >= limit
  return sense === 'below' ? value < limit : value <= limit
}
