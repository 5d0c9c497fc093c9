import type { Datagram } from './datagram.ts'
import { datagramError } from './datagram-errors.ts'

// What has arrived may still be on its way to the disk, and another peer may be about to come.
const GRACE_MS = 1000

/**
 * Runs `work` with a signal that is aborted when no connection has been left for a second: what is then still
 * waited for would not come. The reason is that of the last connection.
 */
export async function whileConnected<T>(
  datagram: Datagram,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const stop = datagram.on('peer-removed', (_connection, reason) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (datagram.peers().length === 0) lost.abort(reason ?? connectionClosed())
    }, GRACE_MS)
  })
  try {
    return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]))
  } finally {
    stop()
    clearTimeout(timer)
  }
}

function connectionClosed(): Error {
  return datagramError(
    'CLONE_NO_PEER',
    'the last connection was closed before everything was here; clone again into the same folder to go on',
  )
}
