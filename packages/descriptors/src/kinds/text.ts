import { type Kind, misfit, scalarKind } from '../kind.ts'
import { isWellFormed } from '../unicode.ts'

/** `text`: a varint with the length in bytes, then UTF-8. In JSON: the text. */
export const textKind: Kind = scalarKind<string>({
  label: 'text',
  expected: 'a text of well-formed Unicode',
  fits: (value): value is string => typeof value === 'string' && isWellFormed(value),
  write(out, value) {
    if (typeof value !== 'string' || !isWellFormed(value)) throw misfit
    out.text(value)
  },
  read: (from) => from.text(),
})
