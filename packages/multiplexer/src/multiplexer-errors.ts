import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. Its README says when each is thrown and what to do. */
export type MultiplexerErrorCode =
  | 'CONNECTION_CLOSED'
  | 'CONNECTION_LOST'
  | 'CONNECTION_REPLACED'
  | 'CONNECTIONS_EXHAUSTED'
  | 'HANDSHAKE_FAILED'
  | 'MARK_DAMAGED'
  | 'MULTIPLEXER_CLOSED'
  | 'OFFER_NOT_FOUND'
  | 'PEER_CLOSED'
  | 'PEER_FLOODING'
  | 'PEER_HISTORY_DIFFERS'
  | 'PEER_PROTOCOL_BROKEN'
  | 'PEER_ROLLED_BACK'
  | 'PEER_SILENT'
  | 'PEER_STALLED'
  | 'PEER_TIMEOUT'
  | 'PEER_VERSION_UNSUPPORTED'
  | 'ROOT_DECLINED'
  | 'STREAM_DECLINED'
  | 'STREAM_FORBIDDEN'
  | 'STREAM_NOT_FOUND'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function multiplexerError(
  code: MultiplexerErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<MultiplexerErrorCode> {
  return new DatagramError(code, message, options)
}
