import { DatagramError, type DatagramErrorOptions, isDatagramError } from '@datagram/errors'

/** Every code that this package throws of its own. What the stream throws passes through unchanged. */
export type KvErrorCode =
  | 'KEY_UNREADABLE'
  | 'REDIS_COMMAND_REFUSED'
  | 'REDIS_ENTRY_DAMAGED'
  | 'VALUE_UNREADABLE'
  | 'VERSION_UNAVAILABLE'
  | 'VERSION_UNREADABLE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function kvError(
  code: KvErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<KvErrorCode> {
  return new DatagramError(code, message, options)
}

// A block out of range: a replica's index can be ahead of what it knows of the data log.
const GONE = [
  'MOMENT_UNAVAILABLE',
  'BLOCK_UNAVAILABLE',
  'BLOCK_FORGOTTEN',
  'BLOCK_OUT_OF_RANGE',
] as const

/** The error to throw for one that reading the past met: `VERSION_UNAVAILABLE` where it is not to be had. */
export function pastError(cause: unknown): unknown {
  if (!GONE.some((code) => isDatagramError(cause, code))) return cause
  return kvError(
    'VERSION_UNAVAILABLE',
    'the data log does not have here what this version needs: it was dropped or forgotten, no connected peer has it, or it is newer than what is known; connect to a peer that has it, or use a later version',
    { cause },
  )
}
