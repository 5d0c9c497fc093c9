import { DatagramError, type DatagramErrorOptions } from '@datagram/errors'

/** Every code that this package throws of its own. What clients do wrong they are told over RESP. */
export type RedisServerErrorCode = 'REDIS_DURABILITY_WEAKER' | 'REDIS_LISTEN_FAILED'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function redisServerError(
  code: RedisServerErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<RedisServerErrorCode> {
  return new DatagramError(code, message, options)
}
