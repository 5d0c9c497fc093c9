import type { Connection } from '@datagram/multiplexer'
import { Backoff } from '@datagram/network'

// A connection that has brought so much was worth having: after it the pauses begin anew.
const WORTH_BYTES = 16 * 1024

/**
 * Keeps somebody connected: when the connection is lost, dials again, after growing pauses, until the signal
 * aborts or this side has closed the connection itself. Never rejects.
 */
export async function keepUp(
  first: Connection | undefined,
  dialOnce: () => Promise<Connection>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff()
  let connection = first
  while (!signal.aborted) {
    if (connection !== undefined) {
      if ((await connection.closed) === undefined) return
      if (connection.statistics.rawBytesIn >= WORTH_BYTES) backoff.reset()
    }
    await pause(backoff.next(), signal)
    // Why it failed is of no use to anybody: it is tried again.
    connection = signal.aborted ? undefined : await dialOnce().catch(() => undefined)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
