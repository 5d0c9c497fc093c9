import { isDatagramError } from '@datagram/errors'
import type { InterfaceStream, StreamSnapshot } from './interface-stream.ts'

// Each forgetting takes longer than most reads.
const MOMENTS_MAX = 10

/**
 * Reads in several steps what was there at one moment, the present. Forgetting ends every older moment, and then it
 * begins again from the new present: `read` must be repeatable. Throws `INDEX_SNAPSHOT_GONE` after ten of them.
 */
export async function readOneMoment<T>(
  stream: Pick<InterfaceStream, 'snapshot'>,
  read: (snapshot: StreamSnapshot) => Promise<T>,
): Promise<T> {
  for (let left = MOMENTS_MAX; ; left--) {
    using snapshot = stream.snapshot()
    try {
      return await read(snapshot)
    } catch (error) {
      if (left === 1 || !isDatagramError(error, 'INDEX_SNAPSHOT_GONE')) throw error
    }
  }
}
