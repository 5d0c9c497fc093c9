import type { Row } from '../row.ts'

/** The rows with these names; all when none is named. Throws a TypeError for a name that there is not. */
export function chooseRows(rows: readonly Row[], names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name))
  if (unknown.length > 0) {
    const known = rows.map(({ name }) => name).join(', ')
    throw new TypeError(`no row is called ${unknown.join(', ')}; there are: ${known}`)
  }
  return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name))
}

/** The rows with the cells of these contenders; all when none is named. Throws as {@link chooseRows}. */
export function onlyContenders(rows: readonly Row[], names: readonly string[]): readonly Row[] {
  if (names.length === 0) return rows
  const known = new Set<string>(rows.flatMap(({ cells }) => cells.map((cell) => cell.contender)))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new TypeError(
      `nobody here is called ${unknown.join(', ')}; there are: ${[...known].join(', ')}`,
    )
  }
  return rows.map((row) => ({
    ...row,
    cells: row.cells.filter(({ contender }) => names.includes(contender)),
  }))
}
