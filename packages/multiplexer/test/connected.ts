import { type FaultyLinkOptions, type LinkTraffic, faultyLink } from '@datagram/fault-harness'
import type { Replicable } from '@datagram/container'
import { onTestFinished } from 'vitest'
import {
  type Connection,
  createMultiplexer,
  type Multiplexer,
  type MultiplexerOptions,
} from '../src/index.ts'

/** One side of a connection, with all that its tap has seen. */
export interface Side {
  readonly multiplexer: Multiplexer
  readonly connection: Connection
  readonly plainIn: Uint8Array[]
  readonly plainOut: Uint8Array[]
}

export interface Pair {
  readonly a: Side
  readonly b: Side
  readonly traffic: LinkTraffic
  cut(): void
}

/** A multiplexer that is closed when the test ends. */
export function multiplexerOf(container: Replicable, options?: MultiplexerOptions): Multiplexer {
  const multiplexer = createMultiplexer(container, options)
  onTestFinished(() => multiplexer.close())
  return multiplexer
}

/** Connects two multiplexers in memory; `a` is the initiator. */
export function connectPair(a: Multiplexer, b: Multiplexer, options?: FaultyLinkOptions): Pair {
  const link = faultyLink(options)
  return {
    a: sideOf(a, link.a, true),
    b: sideOf(b, link.b, false),
    traffic: link.traffic,
    cut: () => link.cut(),
  }
}

/** As {@link connectPair}, from containers, and waits until both are open. */
export async function connected(
  a: Replicable,
  b: Replicable,
  options: { a?: MultiplexerOptions; b?: MultiplexerOptions; link?: FaultyLinkOptions } = {},
): Promise<Pair> {
  const pair = connectPair(multiplexerOf(a, options.a), multiplexerOf(b, options.b), options.link)
  await Promise.all([pair.a.connection.ready(), pair.b.connection.ready()])
  return pair
}

function sideOf(
  multiplexer: Multiplexer,
  duplex: Parameters<Multiplexer['connect']>[0],
  initiator: boolean,
): Side {
  const plainIn: Uint8Array[] = []
  const plainOut: Uint8Array[] = []
  const tap = (direction: 'in' | 'out', bytes: Uint8Array) => {
    ;(direction === 'in' ? plainIn : plainOut).push(bytes)
  }
  return {
    multiplexer,
    connection: multiplexer.connect(duplex, { initiator, tap }),
    plainIn,
    plainOut,
  }
}

/** Resolves when `condition` holds; rejects when it does not within `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > end)
      throw new Error(`it did not come to pass within ${timeoutMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Lets all that is under way arrive: nothing has crossed the link for a while. */
export async function quiet(pair: Pair, forMs = 100): Promise<void> {
  for (let pieces = -1; pieces !== pair.traffic.pieces; ) {
    pieces = pair.traffic.pieces
    await new Promise((resolve) => setTimeout(resolve, forMs))
  }
}
