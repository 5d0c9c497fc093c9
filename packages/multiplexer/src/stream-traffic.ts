/** What has crossed one connection for one stream: the messages of its logs, framing not included. */
export interface StreamTraffic {
  /** Bytes of the logs' messages. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** Blocks of the logs. */
  readonly blocksIn: number
  readonly blocksOut: number
}

/** What has crossed one connection for one stream, and how it stands there. */
export interface StreamStatistics extends StreamTraffic {
  /** Discovery key of its indexer log, 32 bytes. */
  readonly id: Uint8Array
  /** Both sides have agreed to replicate it. */
  readonly attached: boolean
  /** Its logs are attached to the connection now; otherwise they are when they are needed. */
  readonly open: boolean
}

/** Counts the traffic of one stream on one connection. */
export class TrafficCounter implements StreamTraffic {
  bytesIn = 0
  bytesOut = 0
  blocksIn = 0
  blocksOut = 0
  /** When the last message of a log came or went; `performance.now()`. */
  usedAtMs = performance.now()

  received(bytes: number, blocks: number): void {
    this.bytesIn += bytes
    this.blocksIn += blocks
    this.usedAtMs = performance.now()
  }

  sent(bytes: number, blocks: number): void {
    this.bytesOut += bytes
    this.blocksOut += blocks
    this.usedAtMs = performance.now()
  }
}
