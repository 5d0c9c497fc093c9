import type { MeasuredRow } from './report.ts'

/** One line on when rows were measured, how often, and how busy the machine was. */
export function measuredWhen(rows: readonly MeasuredRow[]): string {
  const days = span(rows.map(({ endedAt }) => endedAt.slice(0, 10)))
  const rounds = span(rows.map((row) => row.rounds))
  const load = span(rows.map((row) => Number(row.load.toFixed(1))))
  return `${days}; medians of ${rounds} rounds; load ${load}`
}

function span<T extends number | string>(values: readonly T[]): string {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : 1))
  const [first, last] = [sorted[0], sorted.at(-1)]
  return first === last ? String(first) : `${first} to ${last}`
}
