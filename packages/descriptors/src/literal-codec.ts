import c, { type State } from 'compact-encoding'
import type { Literal } from './definition.ts'
import { descriptorError } from './descriptor-errors.ts'

/*
 * A value that a `oneOf` lists:
 *
 *   size  field
 *   1     type: 0 text, 1 number, 2 false, 3 true
 *   …     text: length in bytes, uint, then UTF-8; number: a 64-bit float, little endian; else nothing
 */
const TEXT = 0
const NUMBER = 1
const FALSE = 2
const TRUE = 3

/** Codec of a literal. `decode` throws `DESCRIPTOR_FORMAT_UNKNOWN`, or compact-encoding's own errors. */
export const literalCodec = {
  preencode(state: State, value: Literal): void {
    state.end += 1
    if (typeof value === 'string') c.utf8.preencode(state, value)
    else if (typeof value === 'number') c.float64.preencode(state, value)
  },
  encode(state: State, value: Literal): void {
    if (typeof value === 'boolean') c.uint8.encode(state, value ? TRUE : FALSE)
    else if (typeof value === 'string') {
      c.uint8.encode(state, TEXT)
      c.utf8.encode(state, value)
    } else {
      c.uint8.encode(state, NUMBER)
      c.float64.encode(state, value)
    }
  },
  decode(state: State): Literal {
    const type = c.uint8.decode(state)
    if (type === TEXT) return c.utf8.decode(state)
    if (type === NUMBER) return c.float64.decode(state)
    if (type <= TRUE) return type === TRUE
    throw definitionUnknown(`a value has the type ${type}`)
  },
}

/** The error of definition bytes that say something that only a newer version can know. */
export function definitionUnknown(why: string): Error {
  return descriptorError(
    'DESCRIPTOR_FORMAT_UNKNOWN',
    `the definition is in a format that this version does not know: ${why}; a newer version may read it`,
  )
}

/** The error of definition bytes that no version can read. */
export function definitionDamaged(why: string, cause?: unknown): Error {
  return descriptorError(
    'DESCRIPTOR_DAMAGED',
    `the bytes are no definition: ${why}; fetch them again`,
    cause === undefined ? {} : { cause },
  )
}
