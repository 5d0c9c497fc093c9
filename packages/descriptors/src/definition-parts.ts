import b4a from 'b4a'
import {
  DESCRIPTION_BYTES_MAX,
  LITERAL_BYTES_MAX,
  NAME_BYTES_MAX,
  VERSION_MAX,
} from './definition-limits.ts'
import type { Inspection } from './inspection.ts'
import { isWellFormed } from './unicode.ts'

/** The name of a definition or a field, or notes why it is none. */
export function readName(input: unknown, inspection: Inspection): string | undefined {
  if (typeof input === 'string' && input !== '')
    return readText(input, NAME_BYTES_MAX, controls, inspection)
  if (input === '') inspection.note('a name may not be empty')
  else inspection.expected('a name', input)
  return undefined
}

/** The version of a definition, or notes why it is none. */
export function readVersion(input: unknown, inspection: Inspection): number | undefined {
  const isVersion = Number.isInteger(input) && (input as number) > 0
  if (isVersion && (input as number) <= VERSION_MAX) return input as number
  inspection.note(`expected a whole number from 1 to ${VERSION_MAX}`)
  return undefined
}

/** A description, if there is one, or notes why it cannot be one. */
export function readDescription(input: unknown, inspection: Inspection): string | undefined {
  if (input === undefined || input === '') return undefined
  if (typeof input === 'string')
    return readText(input, DESCRIPTION_BYTES_MAX, controlsButLines, inspection)
  inspection.expected('a text', input)
  return undefined
}

/** Notes why `value` cannot be listed in a `oneOf`, if it cannot. */
export function checkLiteral(value: unknown, inspection: Inspection): void {
  if (typeof value === 'string') readText(value, LITERAL_BYTES_MAX, controlsButLines, inspection)
  else if (typeof value !== 'boolean' && (!Number.isFinite(value) || Object.is(value, -0))) {
    inspection.expected('a text, true, false or a finite number other than -0', value)
  }
}

// A stranger's names and descriptions are printed: escape sequences could rewrite what a terminal shows.
const controls = /\p{Cc}/u
const controlsButLines = /(?![\t\n])\p{Cc}/u

function readText(
  text: string,
  bytesMax: number,
  forbidden: RegExp,
  inspection: Inspection,
): string | undefined {
  // A text has at least as many bytes as UTF-16 units, so that a huge one is not measured.
  if (text.length > bytesMax || b4a.byteLength(text) > bytesMax) {
    inspection.note(`is longer than ${bytesMax} bytes`)
  } else if (!isWellFormed(text)) inspection.note('is not well-formed Unicode')
  else if (forbidden.test(text)) inspection.note('has control characters')
  else return text
  return undefined
}
