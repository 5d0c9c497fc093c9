import b4a from 'b4a'
import { containerError } from './container-errors.ts'

/** What people may be told of a stream. */
export interface StreamDescription {
  /** At most 1,024 bytes of text. */
  readonly title?: string | undefined
  /** At most 64, each 1 to 64 bytes of text. Peers are shown them. */
  readonly labels?: readonly string[] | undefined
}

/** Most labels that a record may have, in what is written and in what is read. */
export const LABELS_MAX = 64
const LABEL_BYTES_MAX = 64
const TITLE_BYTES_MAX = 1024
const unreadable = /\p{Cc}|\p{Surrogate}/u

/**
 * A description that may be kept, in copies of its own: it is written later, and the caller's array may change
 * until then. Throws `STREAM_DESCRIPTION_INVALID`, and a TypeError for other types.
 */
export function checkedDescription(description: unknown): StreamDescription {
  if (typeof description !== 'object' || description === null) {
    throw new TypeError('a description is an object with a title and labels')
  }
  const { title, labels } = description as Partial<Record<keyof StreamDescription, unknown>>
  if (title !== undefined) assertText('title', title, 0, TITLE_BYTES_MAX)
  return { title, labels: labels === undefined ? undefined : checkedLabels(labels) }
}

function checkedLabels(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw new TypeError('labels are an array of strings')
  if (given.length > LABELS_MAX) throw invalid(`${given.length} labels are over ${LABELS_MAX}`)
  const labels: unknown[] = [...given]
  return labels.map((label) => {
    assertText('label', label, 1, LABEL_BYTES_MAX)
    return label
  })
}

function assertText(
  what: string,
  text: unknown,
  bytesMin: number,
  bytesMax: number,
): asserts text is string {
  if (typeof text !== 'string') throw new TypeError(`a ${what} is a string`)
  const bytes = b4a.byteLength(text)
  if (bytes < bytesMin || bytes > bytesMax) {
    throw invalid(`a ${what} has ${bytes} bytes, not ${bytesMin} to ${bytesMax}`)
  }
  if (unreadable.test(text)) throw invalid(`a ${what} has control or half characters`)
}

function invalid(why: string): Error {
  return containerError('STREAM_DESCRIPTION_INVALID', `this cannot describe a stream: ${why}`)
}
