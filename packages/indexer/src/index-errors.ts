import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/**
 * Every code that this package throws of its own. What the log throws (`BLOCK_UNAVAILABLE`,
 * `WAIT_TIMEOUT`, `DISK_FULL` …) passes through unchanged.
 */
export type IndexErrorCode =
  | 'INDEX_BLOCK_DAMAGED'
  | 'INDEX_CLOSED'
  | 'INDEX_FORMAT_UNKNOWN'
  | 'INDEX_HEAD_DAMAGED'
  | 'INDEX_KEY_TOO_LARGE'
  | 'INDEX_LOG_SHARED'
  | 'INDEX_SNAPSHOT_CLOSED'
  | 'INDEX_SNAPSHOT_GONE'
  | 'INDEX_VALUE_TOO_LARGE'
  | 'LOG_NOT_WRITABLE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function indexError(
  code: IndexErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<IndexErrorCode> {
  return new DatagramError(code, message, options)
}

/** The error of a leaf, fence or filter block that does not hold what its format promises. */
export function blockDamaged(what: string, why: string, cause?: unknown): Error {
  return indexError(
    'INDEX_BLOCK_DAMAGED',
    `a ${what} of the index cannot be read: ${why}; fetch the log again from another peer, or rebuild the index`,
    cause === undefined ? {} : { cause },
  )
}

/** The error of a head block that does not hold what its format promises. */
export function headDamaged(why: string, cause?: unknown): Error {
  return indexError(
    'INDEX_HEAD_DAMAGED',
    `the head of the index cannot be read: ${why}; fetch the log again from another peer, or rebuild the index`,
    cause === undefined ? {} : { cause },
  )
}

/** The error of a block whose format version is another than ours. */
export function formatUnknown(what: string, version: number | undefined): Error {
  return indexError(
    'INDEX_FORMAT_UNKNOWN',
    `a ${what} of the index has format version ${version}, and this version of the package knows 1; a newer one may read it`,
    { details: { version } },
  )
}
