import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. Its README says when each is thrown and what to do. */
export type NetworkErrorCode =
  | 'ADDRESS_FORBIDDEN'
  | 'ADDRESS_INVALID'
  | 'ADDRESS_IN_USE'
  | 'ADDRESS_NOT_FOUND'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_REFUSED'
  | 'CONNECTION_TIMEOUT'
  | 'LISTENER_CLOSED'
  | 'LISTENER_FAILED'
  | 'SWARM_UNREACHABLE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function networkError(
  code: NetworkErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<NetworkErrorCode> {
  return new DatagramError(code, message, options)
}
