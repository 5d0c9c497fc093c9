import type { Log } from '@datagram/log-core'
import type { ReplicableStream } from './replicable.ts'

/** A stream that is hosted: its logs move, sealed as they are, and nothing of it is known but their keys. */
export class HostedStream implements ReplicableStream {
  readonly type = ''
  readonly labels: readonly string[] = []
  readonly logs: Log[]
  readonly #index: Log

  /** `others`: its logs beside the indexer, as far as they are known. */
  constructor(index: Log, ...others: readonly Log[]) {
    this.#index = index
    this.logs = [index, ...others]
  }

  get id(): Uint8Array {
    return this.#index.discoveryKey
  }

  get key(): Uint8Array {
    return this.#index.key
  }
}
