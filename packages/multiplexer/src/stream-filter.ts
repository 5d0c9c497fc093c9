import { encode } from '@datagram/log-core'
import {
  FILTER_BYTES_MAX,
  FILTER_TEXTS_MAX,
  filter,
  LABEL_BYTES_MAX,
  type StreamFilter,
  TYPE_BYTES_MAX,
} from './filter.ts'

/** What a filter looks at. */
export interface FilteredStream {
  /** Name of its interface; `''` where it is not known. */
  readonly type: string
  readonly labels: readonly string[]
  readonly bytes: number | undefined
}

/** Whether a stream is what a filter asks for. What it asks about and is not known counts as a no. */
export function matches(
  { types = [], labels = [], notLabels = [], bytesMax }: StreamFilter,
  stream: FilteredStream,
): boolean {
  if (types.length > 0 && !types.includes(stream.type)) return false
  if (labels.length > 0 && !stream.labels.some((label) => labels.includes(label))) return false
  if (stream.labels.some((label) => notLabels.includes(label))) return false
  return bytesMax === undefined || (stream.bytes !== undefined && stream.bytes <= bytesMax)
}

/** Whether a filter asks for nothing in particular. */
export function isOpenFilter({ types, labels, notLabels, bytesMax }: StreamFilter): boolean {
  return ![types, labels, notLabels].some((texts) => texts?.length) && bytesMax === undefined
}

/** A copy of a filter that a user gives. Throws a TypeError for what is none, or more than a message holds. */
export function checkedFilter(given: StreamFilter): StreamFilter {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError('want is an object of { types, labels, notLabels, bytesMax }')
  }
  const { bytesMax } = given
  if (bytesMax !== undefined && !(Number.isSafeInteger(bytesMax) && bytesMax >= 0)) {
    throw new TypeError('bytesMax of want is a whole number of bytes from 0')
  }
  const checked: StreamFilter = {
    types: texts('types', given.types, TYPE_BYTES_MAX),
    labels: texts('labels', given.labels, LABEL_BYTES_MAX),
    notLabels: texts('notLabels', given.notLabels, LABEL_BYTES_MAX),
    bytesMax,
  }
  if (encode(filter, checked).byteLength > FILTER_BYTES_MAX) {
    throw new TypeError(
      `want has more than ${FILTER_BYTES_MAX} bytes; ask for less, and let an accept policy do the rest`,
    )
  }
  return checked
}

function texts(what: string, given: readonly string[] = [], bytesMax: number): readonly string[] {
  const isText = (text: unknown) => typeof text === 'string' && Buffer.byteLength(text) <= bytesMax
  if (Array.isArray(given) && given.length <= FILTER_TEXTS_MAX && given.every(isText)) {
    return [...given]
  }
  throw new TypeError(
    `${what} of want are at most ${FILTER_TEXTS_MAX} strings of at most ${bytesMax} bytes`,
  )
}
