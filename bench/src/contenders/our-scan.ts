import type { Kv } from '@datagram/kv-interface'
import type { Scanned, ScanRange } from '../contender.ts'
import { ScanCount } from '../scan-count.ts'

/** Scans a key/value store of ours, as its users do. */
export async function scanKv(kv: Kv, range: ScanRange = {}): Promise<Scanned> {
  const count = new ScanCount()
  for await (const [key, value] of kv.entries(range)) count.add(key, value)
  return count
}
