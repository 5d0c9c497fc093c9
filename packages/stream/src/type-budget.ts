import { streamError } from './stream-errors.ts'

/** Types that a stream may have. */
export const TYPES_MAX = 4096
/** Bytes that their definitions may have together: what is made of them takes many times as much memory. */
export const DEFINITIONS_BYTES_MAX = 8 * 1024 * 1024

/** Throws `TYPES_TOO_MANY` when a stream's types are more than a stranger's program should have to hold. */
export function assertWithinBudget(types: number, bytes: number): void {
  if (types <= TYPES_MAX && bytes <= DEFINITIONS_BYTES_MAX) return
  throw streamError(
    'TYPES_TOO_MANY',
    `a stream has at most ${TYPES_MAX} types, with definitions of ${DEFINITIONS_BYTES_MAX} bytes together; make fewer types with more general fields, or use another stream`,
    { details: { types, bytes } },
  )
}
