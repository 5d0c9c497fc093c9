import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws. The package's README says when each is thrown and what to do. */
export type DescriptorErrorCode =
  | 'DATA_DAMAGED'
  | 'DATA_INVALID'
  | 'DESCRIPTOR_CONFLICT'
  | 'DESCRIPTOR_DAMAGED'
  | 'DESCRIPTOR_FORMAT_UNKNOWN'
  | 'DESCRIPTOR_INVALID'
  | 'DESCRIPTOR_REGISTRY_FULL'
  | 'DESCRIPTOR_VERSION_NEWER'
  | 'DESCRIPTOR_VERSION_OLDER'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function descriptorError(
  code: DescriptorErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<DescriptorErrorCode> {
  return new DatagramError(code, message, options)
}
