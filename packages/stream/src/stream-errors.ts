import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. Its README says when each is thrown and what to do. */
export type StreamErrorCode =
  | 'ALONE_RECORD_DAMAGED'
  | 'COPY_ONLY_HERE'
  | 'DESCRIPTOR_MISMATCH'
  | 'EXPORT_DAMAGED'
  | 'EXPORT_FOLDER_NOT_EMPTY'
  | 'EXPORT_FORMAT_UNKNOWN'
  | 'FIELD_NOT_INDEXED'
  | 'FORGET_NEEDS_AUTHOR'
  | 'FORGOTTEN_HERE'
  | 'FRAME_DAMAGED'
  | 'FRAME_FORMAT_UNKNOWN'
  | 'HEADER_DAMAGED'
  | 'HEADER_FORMAT_UNKNOWN'
  | 'INDEX_ENTRY_DAMAGED'
  | 'INDEX_ENTRY_UNKNOWN'
  | 'INDEX_LOST'
  | 'INTERFACE_CONTRACT_UNKNOWN'
  | 'KEY_TOO_LARGE'
  | 'MOMENT_UNAVAILABLE'
  | 'OBJECT_FORGOTTEN'
  | 'OBJECT_NOT_FOUND'
  | 'SNAPSHOT_CLOSED'
  | 'STREAM_CLOSED'
  | 'STREAM_INDEX_FAILED'
  | 'STREAM_LOGS_MISMATCHED'
  | 'STREAM_NOT_WRITABLE'
  | 'STREAM_TYPE_MISMATCH'
  | 'STREAM_UNAVAILABLE'
  | 'STREAM_VERSION_NEWER'
  | 'STREAM_VERSION_OLDER'
  | 'TRANSACTION_ENDED'
  | 'TRANSACTION_TIMEOUT'
  | 'TRANSACTION_TOO_LARGE'
  | 'TYPES_TOO_MANY'
  | 'VALUE_TOO_LARGE'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function streamError(
  code: StreamErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<StreamErrorCode> {
  return new DatagramError(code, message, options)
}

/** The error of an object that is not there. */
export function objectNotFound(n: number): Error {
  return streamError('OBJECT_NOT_FOUND', `the stream has no object ${n}; update() may bring it`, {
    details: { n },
  })
}
