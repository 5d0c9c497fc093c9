import type { Log } from '@datagram/log-core'
import { encodeHead, HEAD_KIND } from './head.ts'

/**
 * Makes an index hold nothing: a head of an empty one is appended, which supersedes all blocks that are here.
 * For an index that cannot be read any more and whose operations are brought again, from the first on
 * (`apply`). Readers go on with the head that they have until a newer one covers as much.
 */
export async function beginAnew(log: Log): Promise<void> {
  if (log.length === 0) return
  const superseded = log.here({ start: 1, end: log.length })
  const payload = encodeHead({ covers: 0, tiers: [], superseded })
  await log.append({ kind: HEAD_KIND, payload })
}
