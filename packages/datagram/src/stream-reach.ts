import type { Connection } from '@datagram/multiplexer'
import type { AttachOptions } from './attach-options.ts'
import type { Connections } from './connections.ts'
import { reachAny } from './reach-any.ts'
import { reachSwarm } from './reach-swarm.ts'

type ReachOptions = Pick<AttachOptions, 'connect' | 'bootstrap' | 'signal' | 'timeoutMs'>

/** The way to somebody who has one stream: at the given addresses, or wherever Hyperswarm finds it under `key`. */
export class StreamReach {
  readonly #connections: Connections
  readonly #key: Uint8Array
  readonly #options: ReachOptions
  #stopWanting = () => {}

  constructor(connections: Connections, key: Uint8Array, options: ReachOptions) {
    this.#connections = connections
    this.#key = key
    this.#options = options
  }

  /** Resolves when a peer shares the stream with this id; whoever connects from now on is asked too. */
  async reach(id: Uint8Array): Promise<void> {
    const { connect, bootstrap, signal, timeoutMs } = this.#options
    const wait = { signal, timeoutMs }
    this.#stopWanting = this.#connections.wantFromAll(id)
    const ask = (peer: Connection) => peer.want(id, wait)
    if (connect === undefined) {
      await reachSwarm(this.#connections, this.#key, ask, { bootstrap, ...wait })
    } else {
      await reachAny(connect, async (at) => ask(await this.#connections.dial(at, wait)), signal)
    }
  }

  /** Those who connect later are not asked any more. */
  end(): void {
    this.#stopWanting()
  }
}
