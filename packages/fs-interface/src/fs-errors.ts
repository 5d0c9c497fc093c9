import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Codes of this package's own; what `node:fs` has a code for is thrown with that one, as Node throws it. */
export type FsErrorCode =
  | 'FS_NAME_REFUSED'
  | 'FS_RECORD_DAMAGED'
  | 'FS_RECORD_UNKNOWN'
  | 'FS_SYNC_ABSENT'
  | 'FS_TREE_CYCLE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function fsError(
  code: FsErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<FsErrorCode> {
  return new DatagramError(code, message, options)
}
