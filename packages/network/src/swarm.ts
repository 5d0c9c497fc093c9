/// <reference path="./declarations.d.ts" />
import type { Duplex } from 'node:stream'
import { isDatagramError } from '@datagram/errors'
import { bounded, type WaitOptions } from '@datagram/log-core'
import type Hyperswarm from 'hyperswarm'
import type { SwarmConnection } from 'hyperswarm'
import type { TcpAddress } from './address.ts'
import { Guests } from './guests.ts'
import { networkError } from './network-errors.ts'

const TOPIC_BYTES = 32
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+)$/
// As many peers as a swarm keeps by default; a quarter of what a multiplexer takes.
const PEERS_MAX = 64
const JOIN_TIMEOUT_MS = 30_000
// Whoever leaves tells the others; where they do not answer, it goes without.
const FAREWELL_MS = 2_000

/** Options of {@link joinSwarm}. `timeoutMs`: longest wait for the network, default 30,000. */
export interface SwarmOptions extends WaitOptions {
  /** Nodes through which the others are found; default: Hyperswarm's public ones. */
  readonly bootstrap?: readonly TcpAddress[] | undefined
}

/** Takes a connection to a peer that was found. One of the two sides is the `initiator`. */
export type OnPeer = (
  connection: Duplex,
  side: { readonly initiator: boolean },
) => void | Promise<void>

/** A stay in a swarm: peers that stay under the same topics are found, and find this side. */
export interface Swarm extends AsyncDisposable {
  /** Connections to peers that were found, now. */
  readonly connectionCount: number
  /** Leaves, and destroys the connections; idempotent. */
  close(): Promise<void>
}

/**
 * Joins Hyperswarm under `topics` (32 bytes each), to be found and to find. Resolves when this side is
 * announced and has looked for others once; it goes on looking until it is closed. Hyperswarm is loaded now.
 *
 * Throws `SWARM_UNREACHABLE` when the network does not answer within `timeoutMs`.
 */
export async function joinSwarm(
  topics: readonly Uint8Array[],
  onPeer: OnPeer,
  { bootstrap, signal, timeoutMs = JOIN_TIMEOUT_MS }: SwarmOptions = {},
): Promise<Swarm> {
  for (const topic of topics) {
    if (topic instanceof Uint8Array && topic.byteLength === TOPIC_BYTES) continue
    throw new TypeError(`a topic is ${TOPIC_BYTES} bytes`)
  }
  signal?.throwIfAborted()
  const [{ default: Swarming }, { default: DHT }] = await Promise.all([
    import('hyperswarm'),
    import('hyperdht'),
  ])
  const dht = new DHT(bootstrap === undefined ? {} : { bootstrap, ...ownHost(bootstrap) })
  const hyperswarm = new Swarming({ dht, maxPeers: PEERS_MAX })
  const swarm = new HyperswarmStay(hyperswarm, onPeer)
  try {
    const joined = topics.map((topic) => hyperswarm.join(topic, { server: true, client: true }))
    const announced = Promise.all(joined.map((one) => one.flushed()))
    await bounded(announced, 'joining the swarm', { signal, timeoutMs })
    return swarm
  } catch (error) {
    await swarm.close()
    if (!isDatagramError(error, 'WAIT_TIMEOUT')) throw error
    throw networkError(
      'SWARM_UNREACHABLE',
      `the swarm did not answer within ${timeoutMs} ms; is there a network, and are the bootstrap nodes up?`,
      { cause: error, details: { timeoutMs } },
    )
  }
}

// A swarm of this machine stays on this machine.
function ownHost(bootstrap: readonly TcpAddress[]): { readonly host?: string } {
  const isLocal = bootstrap.length > 0 && bootstrap.every(({ host }) => LOOPBACK.test(host))
  return isLocal ? { host: '127.0.0.1' } : {}
}

class HyperswarmStay implements Swarm {
  readonly #hyperswarm: Hyperswarm
  readonly #guests: Guests<SwarmConnection>
  #closing: Promise<void> | undefined

  constructor(hyperswarm: Hyperswarm, onPeer: OnPeer) {
    this.#hyperswarm = hyperswarm
    this.#guests = new Guests((one) => onPeer(one, { initiator: one.isInitiator }))
    hyperswarm.on('connection', (connection) => this.#guests.take(connection))
  }

  get connectionCount(): number {
    return this.#guests.count
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    try {
      await bounded(this.#hyperswarm.destroy(), 'leaving the swarm', { timeoutMs: FAREWELL_MS })
    } catch (error) {
      if (!isDatagramError(error, 'WAIT_TIMEOUT')) throw error
      await this.#hyperswarm.destroy({ force: true })
    }
  }
}
