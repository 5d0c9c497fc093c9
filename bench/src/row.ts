import type { ContenderName } from './contender.ts'
import type { Work } from './measurement.ts'

/** How a figure is written. Sizes are in bytes. */
export type Unit = 'per second' | 'ms' | 'µs' | 'bytes' | '×' | 'round trips' | 'count'

/** A store of the step's contender that was loaded before; made once and read by many measurements. */
export interface Fixture {
  readonly keys: number
  /** Keys that were put one by one at the end; default none: all by batches. */
  readonly tail?: number
  /** `killed`: its process died right after the last put; made anew for each measurement. */
  readonly ending: 'closed' | 'killed'
}

/** One measurement of a cell. */
export interface Step {
  readonly contender: ContenderName
  readonly work: Work
  readonly fixture?: Fixture
}

/** One of those that are compared in a row. */
export interface Cell {
  /** Unique in its row. */
  readonly label: string
  /** Whose figures they are; `ours` for everything of ours. */
  readonly contender: Exclude<ContenderName, 'our-stream' | 'our-files'>
  /** Number of keys, in a row that compares numbers of keys. */
  readonly keys?: number
  /** Label of the cell of ours that it is compared with; default the first cell. */
  readonly against?: string
  /** Their figures together are the cell's. */
  readonly steps: readonly Step[]
}

/** A figure that is shown. */
export interface Column {
  readonly figure: string
  readonly title: string
  readonly unit: Unit
}

/** Looks up the median of a figure of a cell. */
export type Look = (cell: string, figure: string) => number

/** What a row has to reach. */
export interface Goal {
  /** `ours ≥ 3 × hyperbee2`. */
  readonly text: string
  readonly unit: Unit
  readonly sense: 'at least' | 'at most' | 'below'
  readonly limit: number
  readonly value: (look: Look) => number
}

/** A row of the benchmark: a question, those whom it is put to, and what our answer has to be. */
export interface Row {
  /** As `--rows` takes it. */
  readonly name: string
  readonly title: string
  readonly cells: readonly Cell[]
  /** The first is the one that ratios are made of. */
  readonly columns: readonly Column[]
  readonly goals: readonly Goal[]
  /** Its figures are counts, or it takes minutes: one round is enough. */
  readonly once?: boolean
}

/** How much better the first cell is than the second, where more is better. */
export function ratio(first: string, second: string, figure: string): (look: Look) => number {
  return (look) => look(first, figure) / look(second, figure)
}

/** The figure itself. */
export function figure(cell: string, name: string): (look: Look) => number {
  return (look) => look(cell, name)
}
