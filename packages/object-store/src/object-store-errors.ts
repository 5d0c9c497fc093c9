import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws of its own. What the stream throws passes through unchanged. */
export type ObjectStoreErrorCode =
  | 'AION_POINT_MALFORMED'
  | 'BLOB_DAMAGED'
  | 'BLOB_INCOMPLETE'
  | 'BLOB_MISMATCHED'
  | 'BLOB_NOT_FOUND'
  | 'BLOB_RECORD_UNKNOWN'
  | 'CARRIER_MALFORMED'
  | 'CARRIER_NOT_FOUND'
  | 'HASH_ALGORITHM_UNKNOWN'
  | 'NAMED_HASH_MALFORMED'
  | 'OBJECT_MALFORMED'
  | 'OBJECT_TOO_LARGE'
  | 'PULL_INCOMPLETE'
  | 'RENDERING_READ_ONLY'
  | 'RENDERING_UNKNOWN'
  | 'TREE_CHANGED'
  | 'TREE_CYCLE'
  | 'TREE_NAME_REFUSED'
  | 'TREE_TARGET_EXISTS'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function objectStoreError(
  code: ObjectStoreErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<ObjectStoreErrorCode> {
  return new DatagramError(code, message, options)
}
