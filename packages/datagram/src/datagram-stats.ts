import type { WireStats } from './connections.ts'

/** Figures of a datagram, as they are now. */
export interface DatagramStats {
  /** Streams that are open for replication, the datagram's own included. */
  readonly streams: number
  /** Connections that are open. */
  readonly connections: number
  /** Bytes on the wire since the datagram was opened. */
  readonly wire: WireStats
}
