import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. `docs/ERRORS.md` says when each is thrown and what to do. */
export type ContainerErrorCode =
  | 'CONTAINER_BLIND'
  | 'CONTAINER_CLOSED'
  | 'CONTAINER_NOT_READY'
  | 'CONTAINER_NOT_WRITABLE'
  | 'FOLDER_IN_USE'
  | 'HOST_QUOTA_REACHED'
  | 'HOST_STREAMS_EXHAUSTED'
  | 'LINK_DAMAGED'
  | 'LINK_IS_BLIND'
  | 'LINK_NOT_BLIND'
  | 'LINK_PASSWORD_REQUIRED'
  | 'LINK_PASSWORD_WRONG'
  | 'LINK_VERSION_UNKNOWN'
  | 'RECORD_DAMAGED'
  | 'RECORD_VERSION_UNKNOWN'
  | 'STREAM_ATTACHED'
  | 'STREAM_DESCRIPTION_INVALID'
  | 'STREAM_NAME_INVALID'
  | 'STREAM_NAME_TAKEN'
  | 'STREAM_NOT_ATTACHED'
  | 'STREAM_NOT_FOUND'
  | 'STREAM_NOT_OWN'
  | 'STREAM_TYPE_MISMATCH'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function containerError(
  code: ContainerErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<ContainerErrorCode> {
  return new DatagramError(code, message, options)
}
