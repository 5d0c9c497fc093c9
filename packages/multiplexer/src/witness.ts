import type { ReplicableStream } from '@datagram/container'
import type { ForkNews } from '@datagram/log-core'
import type { PeerWatch } from './peer-ledger.ts'
import { differing, type PeerReport, rolledBack } from './peer-report.ts'

/** What a connection tells of its peer's past. */
export interface WitnessListener {
  rolledBack(report: PeerReport): void
  differs(report: PeerReport): void
}

/** Compares what one peer says of its logs with what it has said before, and reports what does not fit. */
export class Witness {
  readonly #watch: PeerWatch
  readonly #peer: Uint8Array
  readonly #listener: WitnessListener
  readonly #forked = new Set<string>()

  /** `peer`: the key that it has shown, which it can prove. */
  constructor(watch: PeerWatch, peer: Uint8Array, listener: WitnessListener) {
    this.#watch = watch
    this.#peer = peer
    this.#listener = listener
    watch.meet(peer)
  }

  /** The peer, who has proved to know the stream, says how long one of its logs is. */
  hear(stream: ReplicableStream, log: Uint8Array, length: number): void {
    if (!stream.logs.some(({ discoveryKey }) => isSame(discoveryKey, log))) return
    const shortfall = this.#watch.hear(log, length)
    if (shortfall === undefined) return
    this.#listener.rolledBack(rolledBack({ peer: this.#peer, stream, log, ...shortfall }))
  }

  /** As {@link hear}, of all logs in the order of the stream's. */
  hearAll(stream: ReplicableStream, lengths: readonly number[]): void {
    for (const [i, { discoveryKey }] of stream.logs.entries()) {
      const length = lengths[i]
      if (length !== undefined) this.hear(stream, discoveryKey, length)
    }
  }

  /** A second history of a log was seen, perhaps this peer's. */
  forked(stream: ReplicableStream, log: Uint8Array, { from, length }: ForkNews): void {
    if (from !== undefined && isSame(from, this.#peer)) this.differs(stream, log, length)
  }

  /** The peer's log has another history, which it says or has proved. */
  differs(stream: ReplicableStream, log: Uint8Array, lengthNow: number): void {
    const key = Buffer.from(log).toString('hex')
    if (this.#forked.has(key)) return
    this.#forked.add(key)
    const lengthThen = this.#watch.lengthOf(log) ?? lengthNow
    this.#listener.differs(differing({ peer: this.#peer, stream, log, lengthThen, lengthNow }))
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
