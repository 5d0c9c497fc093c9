import { load } from './machine.ts'
import type { Measurer } from './measurer.ts'
import { judge, type MeasuredCell, type MeasuredRow } from './report.ts'
import type { Cell, Row } from './row.ts'
import { median } from './stopwatch.ts'
import type { Figures } from './task.ts'

/**
 * Measures a row: each cell in turn, and that `rounds` times, every other time from the last to the first,
 * so that a machine that gets slower or faster meanwhile favours nobody. A cell that fails is not tried
 * again.
 */
export async function runRow(
  row: Row,
  rounds: number,
  measurer: Measurer,
  tell: (line: string) => void,
): Promise<MeasuredRow> {
  const found = new Map<Cell, Figures[]>(row.cells.map((cell) => [cell, []]))
  const failures = new Map<Cell, string>()
  const times = row.once ? 1 : rounds
  for (let round = 0; round < times; round++) {
    for (const cell of round % 2 === 0 ? row.cells : [...row.cells].reverse()) {
      if (failures.has(cell)) continue
      tell(`${row.name}: ${cell.label}${row.once ? '' : `, round ${round + 1} of ${rounds}`}`)
      try {
        found.get(cell)?.push(await measureCell(cell, measurer))
      } catch (error) {
        failures.set(cell, error instanceof Error ? error.message : String(error))
      }
    }
  }
  const cells = row.cells.map((cell): MeasuredCell => {
    const { label, contender, keys, against } = cell
    const figures = failures.has(cell) ? {} : summary(found.get(cell) ?? [])
    const place = { ...(keys && { keys }), ...(against && { against }) }
    return { label, contender, ...place, figures, failure: failures.get(cell) }
  })
  const { name, title, columns } = row
  const when = { endedAt: new Date().toISOString(), rounds: times, load: load() }
  return { name, title, ...when, columns, cells, goals: judge(row, cells) }
}

async function measureCell({ steps }: Cell, measurer: Measurer): Promise<Figures> {
  let figures: Figures = {}
  for (const step of steps) figures = { ...figures, ...(await measurer.measure(step)) }
  return figures
}

function summary(rounds: readonly Figures[]): MeasuredCell['figures'] {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = rounds.map((figures) => figures[name] ?? Number.NaN)
      return [name, { median: median(values), rounds: values }]
    }),
  )
}
