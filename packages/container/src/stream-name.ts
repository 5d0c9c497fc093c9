import b4a from 'b4a'
import { containerError } from './container-errors.ts'

/** Longest name of a stream, in UTF-8 bytes. */
export const STREAM_NAME_BYTES_MAX = 255
// Control characters make names that look alike and break terminals; lone surrogates have no UTF-8 form.
const control = /\p{Cc}/u

/** Throws `STREAM_NAME_INVALID` unless `name` may name a stream; a TypeError for what is no string. */
export function assertStreamName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new TypeError('the name of a stream is a string')
  const why = whyInvalid(name)
  if (why === undefined) return
  throw containerError(
    'STREAM_NAME_INVALID',
    `this cannot name a stream: ${why}; use 1 to ${STREAM_NAME_BYTES_MAX} bytes of readable text`,
  )
}

function whyInvalid(name: string): string | undefined {
  if (name === '') return 'it is empty'
  const bytes = b4a.byteLength(name)
  if (bytes > STREAM_NAME_BYTES_MAX) return `it has ${bytes} bytes`
  if (control.test(name)) return 'it has control characters'
  if (b4a.toString(b4a.from(name)) !== name) return 'it has half a character'
  return undefined
}
