import type { Transaction } from '@datagram/stream'
import type { BlobId } from './named-hash.ts'
import { forgottenKey, unreferencedKey } from './object-key.ts'

/** A blob that somebody puts is neither forgotten any more nor without a use. */
export async function unmark(tx: Transaction, id: BlobId): Promise<void> {
  for (const key of [forgottenKey(id), unreferencedKey(id)]) if (await tx.has(key)) tx.del(key)
}
