import { type Kind, misfit, scalarKind } from '../kind.ts'

/** What JSON cannot say as a number. */
const named = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/**
 * `number`: eight bytes, a 64-bit float, little endian. In JSON: the number, or one of the texts `NaN`,
 * `Infinity`, `-Infinity` and `-0`.
 */
export const numberKind: Kind = scalarKind<number>({
  label: 'number',
  expected: 'a number',
  expectedJson: 'a number, or one of the texts NaN, Infinity, -Infinity and -0',
  fits: (value): value is number => typeof value === 'number',
  write(out, value) {
    if (typeof value !== 'number') throw misfit
    out.float(value)
  },
  read: (from) => from.float(),
  toJson(value) {
    if (Object.is(value, -0)) return '-0'
    return Number.isFinite(value) ? value : String(value)
  },
  fromJson: (json) => named.get(json) ?? json,
})
