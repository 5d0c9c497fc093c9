import type { Moment, StreamSnapshot } from '@datagram/stream'
import type { KvSnapshot } from './kv.ts'
import { type KvEncoders, KvReads } from './kv-reads.ts'
import { encodeVersion } from './kv-version.ts'

/** A map as it was at one moment. */
export class KvView extends KvReads implements KvSnapshot<unknown, unknown> {
  readonly version: string
  readonly #snapshot: StreamSnapshot

  /** It closes `snapshot`, which is of `moment`, when it is closed. */
  constructor(snapshot: StreamSnapshot, moment: Moment, encoders: KvEncoders) {
    super(snapshot, encoders)
    this.#snapshot = snapshot
    this.version = encodeVersion(moment)
  }

  close(): void {
    this.#snapshot.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
