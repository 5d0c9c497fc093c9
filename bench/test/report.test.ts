import { describe, expect, it } from 'vitest'
import { comparisonOf } from '../src/comparison.ts'
import { formatFigure } from '../src/number-format.ts'
import { judge, type MeasuredCell, type MeasuredRow } from '../src/report.ts'
import { rowBenchmark } from '../src/row-benchmark.ts'
import { figure, type Goal, type Row, ratio } from '../src/row.ts'
import { chooseRows, onlyContenders } from '../src/rows/chosen-rows.ts'
import { median } from '../src/stopwatch.ts'
import { rowTable } from '../src/table.ts'

function cell(label: string, perSecond?: number): MeasuredCell {
  const figures =
    perSecond === undefined ? {} : { perSecond: { median: perSecond, rounds: [perSecond] } }
  const failure = perSecond === undefined ? 'it broke' : undefined
  return { label, contender: label, figures, failure }
}

function row(goals: readonly Goal[]): Row {
  const columns = [{ figure: 'perSecond', title: 'puts/s', unit: 'per second' }] as const
  return { name: 'put', title: 'puts', cells: [], columns, goals }
}

const twice: Goal = {
  text: 'ours ≥ 2 × peer',
  unit: '×',
  sense: 'at least',
  limit: 2,
  value: ratio('ours', 'peer', 'perSecond'),
}

describe('a goal', () => {
  it('is met from its limit on', () => {
    expect(judge(row([twice]), [cell('ours', 4), cell('peer', 2)])).toMatchObject([
      { value: 2, met: true },
    ])
    expect(judge(row([twice]), [cell('ours', 3), cell('peer', 2)])).toMatchObject([{ met: false }])
  })

  it('that is to stay below is not met at its limit', () => {
    const below: Goal = { ...twice, sense: 'below', value: figure('ours', 'perSecond') }
    expect(judge(row([below]), [cell('ours', 2)])).toMatchObject([{ met: false }])
    expect(judge(row([below]), [cell('ours', 1.9)])).toMatchObject([{ met: true }])
  })

  it('is missed where something was not measured', () => {
    expect(judge(row([twice]), [cell('ours', 9), cell('peer')])).toMatchObject([
      { value: null, met: false },
    ])
  })
})

describe('a row', () => {
  const measured = (unit: 'per second' | 'ms'): MeasuredRow => ({
    ...row([]),
    endedAt: '2026-01-02T03:04:05.000Z',
    rounds: 3,
    load: 0.1,
    columns: [{ figure: 'perSecond', title: 'x', unit }],
    cells: [cell('ours', 6), cell('peer', 2), cell('broken')],
    goals: judge(row([twice]), [cell('ours', 6), cell('peer', 2)]),
  })

  it('says how many times better ours is, of speeds and of costs', () => {
    const fast = measured('per second')
    expect(fast.cells.map((one) => comparisonOf(fast, one))).toEqual([undefined, 3, undefined])
    const dear = measured('ms')
    expect(comparisonOf(dear, dear.cells[1] as MeasuredCell)).toBeCloseTo(1 / 3)
  })

  it('is shown with its goals and what broke', () => {
    const text = rowTable(measured('per second'))
    expect(text).toContain('met    ours ≥ 2 × peer: 3 ×')
    expect(text).toContain('broken failed: it broke')
  })
})

describe.each(['kv', 'files'] as const)('the rows of %s', (name) => {
  const { rows } = rowBenchmark(name, false)

  it('have names, labels and goals that fit together', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    for (const { cells, goals } of rows) {
      const labels = cells.map(({ label }) => label)
      expect(new Set(labels).size).toBe(labels.length)
      const look = (label: string) => {
        expect(labels).toContain(label)
        return 1
      }
      for (const { value } of goals) value(look)
      for (const { against } of cells) if (against !== undefined) expect(labels).toContain(against)
    }
  })

  it('are chosen by their names', () => {
    const some = rows.slice(0, 2)
    expect(chooseRows(rows, some.map((row) => row.name).reverse())).toEqual(some)
    expect(() => chooseRows(rows, ['nothing'])).toThrow(TypeError)
  })

  it('are chosen by those of contenders', () => {
    const [only] = onlyContenders(rows, ['ours'])
    expect(only?.cells.every(({ contender }) => contender === 'ours')).toBe(true)
    expect(only?.cells.length).toBeGreaterThan(0)
    expect(() => onlyContenders(rows, ['nobody'])).toThrow(TypeError)
  })
})

describe('figures', () => {
  it('are medians', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('are written so that people can read them', () => {
    expect(formatFigure(281_234, 'per second')).toBe('281,000')
    expect(formatFigure(1.2345, '×')).toBe('1.23 ×')
    expect(formatFigure(9497, 'bytes')).toBe('9,497 B')
    expect(formatFigure(1_050_000, 'bytes')).toBe('1.05 MB')
    expect(formatFigure(3.5, 'round trips')).toBe('3.5')
    expect(formatFigure(Number.NaN, 'ms')).toBe('–')
  })
})
