import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. `docs/ERRORS.md` says when each is thrown and what to do. */
export type LogErrorCode =
  | 'BLOCK_DAMAGED'
  | 'BLOCK_FORGOTTEN'
  | 'BLOCK_FORMAT_UNKNOWN'
  | 'BLOCK_KEY_WRONG'
  | 'BLOCK_OUT_OF_RANGE'
  | 'BLOCK_TOO_LARGE'
  | 'BLOCK_UNAVAILABLE'
  | 'DISK_FULL'
  | 'KEY_FILE_DAMAGED'
  | 'KEY_FILE_MISSING'
  | 'LOG_CLOSED'
  | 'LOG_FORKED'
  | 'LOG_KEY_INVALID'
  | 'LOG_LENGTH_DIFFERS'
  | 'LOG_NAME_INVALID'
  | 'LOG_NOT_WRITABLE'
  | 'LOG_ROLLED_BACK'
  | 'PASSWORD_REQUIRED'
  | 'PASSWORD_UNEXPECTED'
  | 'PASSWORD_WRONG'
  | 'STORE_CLOSED'
  | 'STORE_COPIED'
  | 'STORE_DAMAGED'
  | 'STORE_LOCKED'
  | 'STORE_NOT_FOUND'
  | 'STORE_NOT_WRITABLE'
  | 'STORE_VERSION_UNKNOWN'
  | 'WAIT_TIMEOUT'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function logError(
  code: LogErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<LogErrorCode> {
  return new DatagramError(code, message, options)
}
