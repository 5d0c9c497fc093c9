import type { BlockRange, Log } from '@datagram/log-core'

/**
 * Drops from this machine what it has forgotten alone, keeps it from being fetched again, and tells the peers that it
 * is not to be expected from here: who joins knows then what everybody has forgotten.
 */
export async function dropAlone(data: Log, ranges: readonly BlockRange[]): Promise<void> {
  for (const range of ranges) {
    // First: who hears that it went has to know why.
    data.disclaim(range)
    await data.forget(range)
  }
}
