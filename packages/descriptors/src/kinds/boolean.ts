import { type Kind, misfit, scalarKind } from '../kind.ts'

/** `boolean`: one byte, 0 or 1. In JSON: the boolean. */
export const booleanKind: Kind = scalarKind<boolean>({
  label: 'boolean',
  expected: 'true or false',
  fits: (value): value is boolean => typeof value === 'boolean',
  write(out, value) {
    if (typeof value !== 'boolean') throw misfit
    out.byte(value ? 1 : 0)
  },
  read(from) {
    const byte = from.byte()
    if (byte > 1) throw from.damaged('a boolean is neither 0 nor 1', from.at - 1)
    return byte === 1
  },
})
