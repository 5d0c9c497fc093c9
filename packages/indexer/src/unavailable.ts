import { isDatagramError } from '@datagram/errors'

/**
 * Whether a read failed because nobody reachable has the block (any longer): the one failure that a
 * newer head may cure, since authors drop what newer heads no longer need.
 */
export function isGone(error: unknown): boolean {
  return isDatagramError(error, 'BLOCK_UNAVAILABLE') || isDatagramError(error, 'BLOCK_FORGOTTEN')
}
