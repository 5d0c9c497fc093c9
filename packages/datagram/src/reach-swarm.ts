import { isDatagramError } from '@datagram/errors'
import { bounded } from '@datagram/log-core'
import type { Connection } from '@datagram/multiplexer'
import type { SwarmOptions } from '@datagram/network'
import type { Connections } from './connections.ts'
import { datagramError } from './datagram-errors.ts'

const TIMEOUT_MS = 30_000

/**
 * Resolves when `ask` has succeeded with a peer: one that is connected, or that Hyperswarm finds under `key`.
 * Throws `CLONE_NO_PEER` when there was none within `timeoutMs` (30,000), and `SWARM_UNREACHABLE`.
 */
export async function reachSwarm(
  connections: Connections,
  key: Uint8Array,
  ask: (peer: Connection) => Promise<void>,
  { bootstrap, signal, timeoutMs = TIMEOUT_MS }: SwarmOptions,
): Promise<void> {
  const reasons: unknown[] = []
  let undo = () => {}
  const reached = new Promise<void>((resolve) => {
    const tryOut = (peer: Connection) =>
      void ask(peer).then(resolve, (reason: unknown) => reasons.push(reason))
    undo = connections.on('peer-added', tryOut)
    connections.multiplexer.connections.forEach(tryOut)
  })
  const wait = { signal, timeoutMs }
  try {
    const joined = connections.join([key], { bootstrap, ...wait })
    // Whoever was connected before will do, without the swarm; a swarm that fails ends the search.
    await bounded(Promise.race([reached, joined.then(() => reached)]), 'looking for peers', wait)
  } catch (error) {
    if (!isDatagramError(error, 'WAIT_TIMEOUT')) throw error
    throw datagramError(
      'CLONE_NO_PEER',
      `nobody who has what the link names was found in the swarm within ${timeoutMs} ms; ask its owner to join(), or give an address in { connect }`,
      { cause: new AggregateError([error, ...reasons], 'what was tried') },
    )
  } finally {
    undo()
  }
}
