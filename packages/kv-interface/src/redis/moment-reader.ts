import type { InterfaceStream, StreamSnapshot } from '@datagram/stream'
import type { SpaceReader } from './space.ts'

/** A replica's entries as they are now, while it moves on. */
export class MomentReader implements SpaceReader {
  readonly #snapshot: StreamSnapshot

  constructor(stream: InterfaceStream) {
    this.#snapshot = stream.snapshot()
  }

  getNow: SpaceReader['getNow'] = (key, options) => this.#snapshot.getNow(key, options)

  range: SpaceReader['range'] = (options) => this.#snapshot.range(options)

  /** Nothing at once: what is read comes to stay with the command that reads it. */
  rangeNow(): undefined {
    return undefined
  }

  close(): void {
    this.#snapshot.close()
  }
}
