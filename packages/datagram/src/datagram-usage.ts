import type { StoreUsage } from '@datagram/log-core'
import type { StreamUsage } from '@datagram/stream'

/** What a datagram takes of the disk. */
export interface DatagramUsage extends StoreUsage {
  /** Each stream, the datagram's own first, under the name `''`. */
  readonly streams: readonly StreamUsage[]
}
