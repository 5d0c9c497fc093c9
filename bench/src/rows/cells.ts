import type { ContenderName } from '../contender.ts'
import type { Work } from '../measurement.ts'
import type { Cell, Fixture } from '../row.ts'

type Shown = Cell['contender']

/** A cell of one measurement. */
export function cellOf(
  label: string,
  contender: ContenderName,
  work: Work,
  fixture?: Fixture,
): Cell {
  const step = { contender, work, ...(fixture && { fixture }) }
  return { label, contender: shown(contender), steps: [step] }
}

/** Cells named for their contenders; `keys`: of the store that each reads, else they make their own. */
export function cellsOf(contenders: readonly ContenderName[], work: Work, keys?: number): Cell[] {
  const fixture: Fixture | undefined = keys === undefined ? undefined : { keys, ending: 'closed' }
  return contenders.map((name) => cellOf(shown(name), name, work, fixture))
}

/** Whose figures they are for a reader. */
export function shown(contender: ContenderName): Shown {
  return contender === 'our-stream' || contender === 'our-files' ? 'ours' : contender
}
