import { kvError } from '../kv-errors.ts'

/**
 * An error with the text that Redis has for it, its code word first (`ERR`, `WRONGTYPE`, …): what a RESP
 * client is sent, and what `kv.call` throws.
 */
export function redisError(text: string): Error {
  return kvError('REDIS_COMMAND_REFUSED', text)
}

export const wrongType = (): Error =>
  redisError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = (): Error => redisError('ERR syntax error')
export const notInteger = (): Error => redisError('ERR value is not an integer or out of range')
export const notFloat = (): Error => redisError('ERR value is not a valid float')
export const noSuchKey = (): Error => redisError('ERR no such key')
export const outOfRange = (): Error => redisError('ERR index out of range')
export const tooLong = (): Error =>
  redisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
export const wrongArity = (name: string): Error =>
  redisError(`ERR wrong number of arguments for '${name}' command`)
