import type { BlockInput } from '../envelope.ts'
import { logError } from '../log-errors.ts'

/** Largest payload of a block, in bytes: 8 MiB. A block crosses the wire whole and is held in memory. */
export const BLOCK_BYTES_MAX = 8 * 1024 * 1024

/** Why these blocks are not appended to a log that is open and whole; undefined where they may be. */
export function appendRefusal(
  batch: readonly BlockInput[],
  { isOwn, hasKey }: { readonly isOwn: boolean; readonly hasKey: boolean },
): Error | undefined {
  if (!isOwn) {
    return logError('LOG_NOT_WRITABLE', 'only its author can append to this log; this is a replica')
  }
  if (!hasKey) {
    return logError('BLOCK_KEY_WRONG', 'this log was opened without its key; open it with the key')
  }
  if (batch.length === 0) return new TypeError('append takes at least one block')
  const large = batch.find(({ payload }) => payload.byteLength > BLOCK_BYTES_MAX)
  if (large === undefined) return undefined
  return logError(
    'BLOCK_TOO_LARGE',
    `a block of ${large.payload.byteLength} bytes is over the limit of ${BLOCK_BYTES_MAX}; cut it into several`,
  )
}
