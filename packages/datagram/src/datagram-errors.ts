import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Codes of the umbrella itself; those of the packages below come through as they are. */
export type DatagramErrorCode = 'AUTHOR_UNKNOWN' | 'CLONE_NO_PEER' | 'FOLDER_IN_USE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function datagramError(
  code: DatagramErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<DatagramErrorCode> {
  return new DatagramError(code, message, options)
}
